"""Random networks of laptops and browsers: whatever they do and however they meet, they end up equal.

A failing run prints the steps it took, shrunk, as a program (`state = Network()` …): pasted into a test it fails again.
It also prints `@reproduce_failure(…)`, which does the same when it is set above the test for a while. A whole run is
repeated with `pytest --hypothesis-seed=N`; `make soak SEED=N` does so with 10,000 steps."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.soak import HOURS, SOAK, share
from tests.sync.network.machine import Network

STEPS = share(500, 10_000)
SHORT = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
LONG = settings(SHORT, max_examples=280, stateful_step_count=60)  # some runs end early


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(HOURS)
def test_networks_converge() -> None:
    """After everybody has met everybody all state digests are equal, and equal to the oracle's with every conflict; the
    logs prove themselves, nothing that anybody holds is missing, the derived rows are those of the log, and a meeting
    that brings nothing writes nothing."""
    before = Network.taken
    run_state_machine_as_test(Network, settings=LONG if SOAK else SHORT)
    assert Network.taken - before >= STEPS
