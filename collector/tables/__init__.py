"""`X-tables.db`: flat typed tables of the records, checks, and the views that the indicators are defined
on.

Derived from the replica beside it, outside every digest: it may be deleted at any time and is built again.
"""

from .store import Outcome, Tables, path_for

__all__ = ["Outcome", "Tables", "path_for"]
