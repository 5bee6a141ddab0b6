"""The replica: one SQLite file with a change log, the state derived from it, documents and media."""

from sync.replica.documents import Document
from sync.replica.quarantine import Quarantined
from sync.replica.replica import Replica, Touched
from sync.replica.state import RecordState
from sync.replica.store import FormVersion

__all__ = ["Document", "FormVersion", "Quarantined", "RecordState", "Replica", "Touched"]
