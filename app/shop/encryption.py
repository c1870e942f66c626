"""Secrets at rest: encrypted under the newest key, readable under any key still listed."""

import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Unreadable(Exception):
    """A stored secret was written under a key that is no longer listed in ``TOKEN_KEYS``."""


class Cipher:
    """Fernet with several keys: the first encrypts, all decrypt."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def encrypt(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def decrypt(self, stored: bytes) -> str:
        """The text. Raises :class:`Unreadable`."""
        try:
            return self._fernet.decrypt(stored).decode()
        except InvalidToken as unknown_key:
            raise Unreadable("no key in TOKEN_KEYS reads this secret") from unknown_key

    def rotate(self, stored: bytes) -> bytes:
        """The same secret under the first key. Raises :class:`Unreadable`."""
        try:
            return self._fernet.rotate(stored)
        except InvalidToken as unknown_key:
            raise Unreadable("no key in TOKEN_KEYS reads this secret") from unknown_key


def digest(secret: str) -> str:
    """What a secret is found by without being kept: 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def fingerprint(secret: str) -> str:
    """Ten hexadecimal digits that tell two secrets apart for a person, and give neither away."""
    return digest(secret)[:10]
