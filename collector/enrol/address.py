"""Under which address phones reach this hub: what stands in a QR code. Kept as a setting of the app database once
somebody has said it."""

from __future__ import annotations

import ipaddress
import sqlite3
from urllib.parse import urlsplit

from .. import app_db
from ..problems import Problem

SETTING = "address_for_phones"


def known(connection: sqlite3.Connection) -> str:
    """The address that was said last, `""` for none."""
    return app_db.setting(connection, SETTING) or ""


def keep(connection: sqlite3.Connection, given: str) -> str:
    """Remembers an address and returns it as it stands in codes: `https://hub.example.org`, `http://10.0.0.5:8765`.

    Raises `Problem` HW-3418 for what is none."""
    address = read(given)
    connection.execute(
        "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [SETTING, address],
    )
    return address


def read(given: str) -> str:
    """An address without what follows the host and port."""
    text = given.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Problem("HW-3418", text[:200]) from None
    if parts.scheme not in ("http", "https") or not host or parts.username or not text.isprintable():
        raise Problem("HW-3418", text[:200])
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{'' if port is None else f':{port}'}"


def doubt(address: str) -> str:
    """What a phone will not manage with such an address: `"alone"` only this computer reaches it, `"plain"` it is not
    encrypted, so that phones work there only while they are connected; `""` for none."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        inside = ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = host == "localhost" or host.endswith(".localhost")
    if inside:
        return "alone"
    return "plain" if parts.scheme == "http" else ""


def page(address: str, lang: str, fragment: str = "") -> str:
    """The address of the page that enrols a phone. A fragment never reaches a server or its log."""
    return f"{address}/{lang}/enrol" + (f"#{fragment}" if fragment else "")
