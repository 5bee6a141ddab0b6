"""Attached files as the lists of a session, all in memory."""

from __future__ import annotations

from collections.abc import Iterable

from forms.attached.read import AttachedFile
from forms.session.lists import MemoryLists


def memory_lists(files: Iterable[AttachedFile]) -> MemoryLists:
    """The lists and trees of files; the instance id is the file's name without its ending."""
    lists = MemoryLists()
    for file in files:
        if file.tree is None:
            lists.put(file.name, file.rows)
        else:
            lists.put_tree(file.name, file.tree)
    return lists
