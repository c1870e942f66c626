"""A tiny server that answers what a test tells it to, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from app.klarna.transport import Exchange


@dataclass
class Wire:
    """``answers`` are given in turn, the last one for ever: status, body, headers; None drops the line."""

    url: str = ""
    answers: list[tuple[int, Any, dict[str, str]] | None] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, status: int, body: Any = "", **headers: str) -> None:
        self.answers.append((status, body, {name.replace("_", "-"): value for name, value in headers.items()}))

    def next_answer(self) -> tuple[int, Any, dict[str, str]] | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Seen(list[Exchange]):
    """A watcher that remembers the calls it was told of; ``begun`` are the ones that were about to be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[tuple[str, str, str]] = []

    def before(self, operation: str, method: str, path: str) -> None:
        self.begun.append((operation, method, path))

    def after(self, exchange: Exchange) -> None:
        self.append(exchange)


@contextmanager
def listening() -> Iterator[Wire]:
    wire = Wire()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            wire.asked.append({"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body})
            found = wire.next_answer()
            if found is None:
                self.close_connection = True
                self.connection.close()
                return
            status, said, headers = found
            raw = (said if isinstance(said, str) else json.dumps(said)).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_PATCH = do_DELETE = handle_any

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    wire.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        server.shutdown()
        server.server_close()
