"""What was set aside at a hub and came true over HTTP: commands say that it is over."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector.own_keys import to_hand_over
from sync import Replica
from sync.transfer.give import ROOM
from sync.transfer.push import MOST
from sync.transfer.signing import sign_own
from tests.collector.replicas.conftest import Hub, Laptop, homeward
from tests.collector.replicas.test_rights import headers_of
from tests.sync.copies import copied
from tests.sync.test_protocol import request_of


def by_sync(anna: Laptop) -> None:
    """As a laptop sends, in lines."""
    assert anna.sync().problems == []


def as_a_phone(anna: Laptop) -> None:
    """As a phone sends, in JSON."""
    with Replica.open(anna.path) as replica, closing(anna.accounts()) as connection:
        body = request_of(replica, 1, 2, to_hand_over(connection, replica))
    headers = {"Authorization": headers_of(anna)["Authorization"]}
    answer = httpx.post(
        f"{anna.url}/sync/v1/changes", json=body, headers=headers, timeout=60, trust_env=False
    )
    assert [receipt[0][-2:] for receipt in answer.json()["receipts"]] == ["-1", "-2"], answer.text


def told(command: str, hub: Hub) -> Any:
    """What a command says in JSON."""
    return json.loads(homeward(command, hub.path, "--json").stdout)


@pytest.mark.parametrize("road", [by_sync, as_a_phone])
def test_an_altered_copy_is_over_once_the_laptop_sent_its_own(
    hub: Hub, anna: Laptop, tmp_path: Path, road: Callable[[Laptop], None]
) -> None:
    """HW-2008 of a file from a stick: shown by `status` and `quarantine` until the device's own changes came over
    HTTP, by either road, and by neither afterwards."""
    anna.record("豆腐坊")
    anna.record("粮油店")
    with Replica.open(anna.path) as replica, closing(anna.accounts()) as connection:
        sign_own(replica, to_hand_over(connection, replica), 0, MOST, ROOM)
        path = copied(replica, tmp_path / "stick" / "copy.db")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE change SET payload = replace(payload, '豆腐坊', '豆腐店')")
    assert homeward("merge", hub.path, path).returncode == 3
    assert [each["code"] for each in told("status", hub)["quarantined"]] == ["HW-2008"]
    assert [each["problem"]["code"] for each in told("quarantine", hub)["entries"]] == ["HW-2008"]
    road(anna)
    assert told("status", hub)["quarantined"] == []
    assert told("quarantine", hub)["entries"] == []
    assert homeward("quarantine", hub.path).returncode == 0
    over = json.loads(homeward("quarantine", hub.path, "--all", "--json").stdout)["entries"]
    assert [(each["outcome"], each["count"]) for each in over] == [("arrived", 0)]
