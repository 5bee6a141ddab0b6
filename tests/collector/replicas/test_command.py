"""`homeward sync` and `homeward user assign`, run as somebody runs them: what is printed, exit status, addresses."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collector import app_db, hub_sync
from collector.accounts import people
from collector.own_keys import open_to_write
from collector.problems import Problem
from sync import Replica
from tests.collector.replicas.conftest import FAR, HERE, Hub, MakeLaptop, homeward, names_at, record
from tests.collector.replicas.proxy import forwarding


def test_the_first_time_asks_once_and_then_nothing(hub: Hub, tmp_path: Path) -> None:
    """A missing database is made, the password is asked for once; the second call needs neither, in either language;
    JSON says the same."""
    db = tmp_path / "laptop.db"
    first = homeward("sync", db, hub.url, "--user", "anna", username="anna")
    assert first.returncode == 0, first.stderr
    assert "Enrolled" in first.stdout
    assert "All received" in first.stdout
    with open_to_write(db) as replica:
        record(replica, "店", HERE, hub.people["anna"].id)
    second = homeward("sync", db, hub.url, lang="zh_CN.UTF-8")
    assert second.returncode == 0, second.stderr
    assert "发送了变更 1 条" in second.stdout
    assert "全部收到" in second.stdout
    told = json.loads(homeward("sync", db, hub.url, "--json").stdout)
    assert (told["complete"], told["made"], told["there"], told["enrolled"]) == (True, 1, 1, False)
    assert list(names_at(hub.path).values()) == ["店"]


def test_refusals_have_status_1(hub: Hub, tmp_path: Path) -> None:
    """Nobody named, a database that is not there, a wrong password, no address, no encryption, no certificate, nobody
    there: a number, and nothing made."""
    db = tmp_path / "laptop.db"
    Replica.create(db).close()
    for arguments, username, code in (
        ((db, hub.url), "", "HW-3416"),
        ((tmp_path / "none.db", hub.url), "", "HW-3435"),
        ((tmp_path / "none.db", hub.url, "--user", "anna"), "bert", "HW-3005"),
        ((tmp_path / "none.db", hub.url, "--user", "anna"), "", "HW-3434"),
        ((tmp_path / "none.db", f"{hub.url}/zz", "--user", "anna"), "anna", "HW-2053"),
        ((tmp_path / "none.db", "http://127.0.0.1:9", "--user", "anna"), "anna", "HW-2052"),
        ((tmp_path / "no" / "none.db", hub.url, "--user", "anna"), "anna", "HW-3433"),
        ((db, hub.url, "--user", "anna"), "bert", "HW-3005"),
        ((db, "hub.example.org"), "", "HW-3418"),
        ((db, "ftp://hub.example.org"), "", "HW-3418"),
        ((db, "http://hub.example.org", "--user", "anna"), "anna", "HW-3411"),
        ((db, "https://127.0.0.1:9", "--user", "anna", "--ca", tmp_path / "none.pem"), "anna", "HW-3417"),
        ((db, "http://127.0.0.1:9", "--user", "anna"), "anna", "HW-2052"),
    ):
        done = homeward("sync", *arguments, username=username)
        assert (done.returncode, code in done.stderr) == (1, True), (arguments, done)
        assert "Traceback" not in done.stderr
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith("no")]


def test_what_was_refused_has_status_3(hub: Hub, tmp_path: Path) -> None:
    """Done, with something that the hub did not take: the number is told, and that not all is received."""
    db = tmp_path / "laptop.db"
    homeward("sync", db, hub.url, "--user", "anna", username="anna")
    with open_to_write(db) as replica:
        record(replica, "店", HERE, "stranger")
    done = homeward("sync", db, hub.url)
    assert (done.returncode, "HW-2050" in done.stderr) == (3, True), done
    assert "Not all received: 1 change made here, and the hub has 0." in done.stdout


def test_an_assignment_is_changed_by_command(hub: Hub) -> None:
    """`user assign` gives other villages and remembers which were taken away; none means all."""
    done = homeward("user", "assign", hub.path, "anna", "--village", FAR)
    assert (done.returncode, done.stdout.strip()) == (0, f"anna: {FAR}.")
    with closing(app_db.connect(app_db.path_for(hub.path))) as connection:
        assert people.by_username(connection, "anna").former == (HERE,)  # type: ignore[union-attr]
        assert "all villages" in homeward("user", "assign", hub.path, "anna").stdout
        assert people.by_username(connection, "anna").former == ()  # type: ignore[union-attr]
        homeward("user", "assign", hub.path, "anna", "--village", HERE)
        person = people.by_username(connection, "anna")
        assert person is not None
        assert (person.villages, person.former) == ((HERE,), ("*",))
    assert "HW-3022" in homeward("user", "assign", hub.path, "nobody").stderr


class Portal(BaseHTTPRequestHandler):
    """A captive portal: every address has a page of its own."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def do_POST(self) -> None:
        """The page."""
        body = b"<html>Welcome to the hotel</html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running(handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server of a handler; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_page_in_the_hubs_place_is_not_the_hub(hub: Hub, laptop: MakeLaptop) -> None:
    """HW-2053, at once."""
    with running(Portal) as url, pytest.raises(Exception, match="HW-2053"):
        laptop(hub, "anna", url=url).sync()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1, its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "hub.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "hub.key").write_bytes(private)
    return folder / "hub.pem", folder / "hub.key"


def test_https_with_a_certificate_of_ones_own(hub: Hub, tmp_path: Path) -> None:
    """Trusted with --ca, refused without: the password is not sent."""
    pem, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    db = tmp_path / "laptop.db"
    with running(forwarding(hub.url), context) as url:
        refused = homeward("sync", db, url, "--user", "anna", username="anna")
        assert (refused.returncode, "HW-2052" in refused.stderr) == (1, True), refused
        assert "CERTIFICATE_VERIFY_FAILED" in refused.stderr
        done = homeward("sync", db, url, "--user", "anna", "--ca", pem, username="anna")
        assert done.returncode == 0, done
        assert homeward("sync", db, url, "--ca", pem).returncode == 0


def test_no_password_goes_over_an_open_network() -> None:
    """http:// leads to this computer alone, unless somebody insists."""
    for url in (
        "http://127.0.0.1:8765",
        "http://localhost:8765/",
        "http://[::1]:8765",
        "https://hub.example.org/x",
    ):
        assert hub_sync.address(url) == url.rstrip("/")
    assert hub_sync.address("http://10.0.0.5", insecure=True) == "http://10.0.0.5"
    for url in ("http://10.0.0.5", "http://localhost.example.org", "http://127.0.0.1.example.org"):
        with pytest.raises(Problem, match="HW-3411"):
            hub_sync.address(url)
