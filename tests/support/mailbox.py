"""A mail server as small as can be: it takes letters and keeps them, or says what a test wants said instead."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage

from app.shop.config import MailConfig

from .programs import Programs

SENDER = "Morrow <orders@shop.example>"


@dataclass
class Mailbox:
    """What arrived. ``answer`` is what the server says to a recipient."""

    port: int = 0
    answer: str = "250 ok"
    logins: list[str] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def letters(self) -> list[EmailMessage]:
        parsed = [message_from_bytes(raw, policy=policy.default) for raw in self.received]
        return [letter for letter in parsed if isinstance(letter, EmailMessage)]

    def take(self, raw: bytes) -> None:
        with self.lock:
            self.received.append(raw)


class Conversation(socketserver.StreamRequestHandler):
    """One connection, RFC 5321 as far as a client of ours goes."""

    server: "Server"

    def handle(self) -> None:
        self.say("220 mailbox")
        for line in self.rfile:
            verb, _, rest = line.decode().strip().partition(" ")
            match verb.upper():
                case "EHLO":
                    self.say("250-mailbox\r\n250 AUTH PLAIN")
                case "AUTH":
                    self.server.mailbox.logins.append(rest)
                    self.say("235 welcome")
                case "RCPT":
                    self.say(self.server.mailbox.answer)
                case "DATA":
                    self.say("354 go on")
                    self.server.mailbox.take(self.letter())
                    self.say("250 taken")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 ok")

    def letter(self) -> bytes:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__(("localhost", 0), Conversation)
        self.mailbox = mailbox
        mailbox.port = self.server_address[1]


@contextmanager
def running() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with Server(mailbox) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def writing_to(programs: Programs, port: int, username: str = "", password: str = "") -> Iterator[None]:
    """As long as this lasts, the shop's letters leave by the server on this port."""
    shop = programs.shop
    settings = shop.config["SHOP"]
    shop.config["SHOP"] = replace(settings, mail=MailConfig("localhost", port, False, username, password, SENDER))
    try:
        yield
    finally:
        programs.wait_for_background()
        shop.config["SHOP"] = settings


@contextmanager
def with_console(programs: Programs) -> Iterator[None]:
    """As long as this lasts, the shop is a demo."""
    shop = programs.shop
    settings = shop.config["SHOP"]
    shop.config["SHOP"] = replace(settings, console=True)
    try:
        yield
    finally:
        shop.config["SHOP"] = settings
