"""A replica and how replicas merge. SQLite and transports; no Flask; knows no form."""

from sync.completeness import LogState, Received, completeness, received
from sync.explain import Explanation, Origin, Voice, Why
from sync.faults import problem_of
from sync.fold import Conflict, ConflictValue, ReviewState
from sync.merge import MergeReport, SourceReport, merge
from sync.preview import Preview, preview
from sync.problems import Problem, SyncError
from sync.replica import Document, FormVersion, Quarantined, RecordState, Replica, Touched
from sync.undo import UndoReport, intakes, plan_undo, plan_undo_all, undo, undo_all
from sync.verify import VerifyReport, verify

__all__ = [
    "Conflict",
    "ConflictValue",
    "Document",
    "Explanation",
    "FormVersion",
    "LogState",
    "MergeReport",
    "Origin",
    "Preview",
    "Problem",
    "Quarantined",
    "Received",
    "RecordState",
    "Replica",
    "ReviewState",
    "SourceReport",
    "SyncError",
    "Touched",
    "UndoReport",
    "VerifyReport",
    "Voice",
    "Why",
    "completeness",
    "intakes",
    "merge",
    "plan_undo",
    "plan_undo_all",
    "preview",
    "problem_of",
    "received",
    "undo",
    "undo_all",
    "verify",
]
