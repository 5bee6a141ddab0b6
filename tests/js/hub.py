"""A hub for the scripts: `sync.protocol` over plain HTTP on loopback, without accounts. Prints its port.

`POST /sync/v1/hello` and `/sync/v1/changes` as in `docs/sync-protocol.md`; `/key` with `{"replica", "public"}` makes a
key known, `/mend` mends, `/look` answers what is set aside and what the records are called."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from sync import Replica, SyncError, keys, protocol
from sync.forks.mend import mend


def answer(hub: Replica, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the hub says to a request."""
    if path.endswith("/hello"):
        return protocol.hello(hub, body)
    if path.endswith("/changes"):
        return protocol.receive(hub, body, body["replica"])
    if path == "/key":
        document = keys.key_document(body["replica"], body["public"])
        return {"id": hub.put_document(keys.KEY_KIND, body["replica"], document.encode())}
    if path == "/mend":
        return {"taken": mend(hub).taken}
    values = sorted(state.answers.get("#0", "") for state in hub.states())
    return {"aside": [entry.count for entry in hub.quarantined()], "values": values}


class Handler(BaseHTTPRequestHandler):
    """One request; the server has one thread, as SQLite's connection wants it."""

    hub: Replica

    def do_POST(self) -> None:
        """JSON in, JSON out; a numbered problem with status 400."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            status, said = 200, answer(self.hub, self.path, body)
        except SyncError as error:
            status, said = 400, {"problem": error.problem.as_dict()}
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed but the port."""


def main() -> None:
    """Serves a new hub in the folder of the first argument until it is killed."""
    with Replica.create(Path(sys.argv[1]) / "hub.db") as hub:
        Handler.hub = hub
        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            print(server.server_port, flush=True)
            server.serve_forever()


if __name__ == "__main__":
    main()
