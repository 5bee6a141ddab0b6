"""What the collector adds to undoing an intake: what a form calculates, where answers of several people come together
anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from forms import FormError
from sync import Replica
from sync.inverse import Compute

from .tables import check, source


def computing(hub: Replica) -> Compute:
    """Calculates a record's answers by its form; one that the form cannot hold stays as it is."""
    lists = source.lists(hub)

    def compute(
        record: str, version: str, answers: Mapping[str, str], reasons: Mapping[str, str]
    ) -> tuple[Mapping[str, str], Mapping[str, str]]:
        form = source.form_or_none(hub, version)
        if form is None:
            return answers, reasons
        state = replace(
            hub.state(record), form=version, answers=answers, reasons=reasons, deleted=False, recompute=True
        )
        try:
            return check.recomputed(form, lists, state)
        except FormError:
            return answers, reasons

    return compute
