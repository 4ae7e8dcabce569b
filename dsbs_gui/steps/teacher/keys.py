"""Keys for servers: in the keyring of the operating system, or in memory where there is none. Never in a file.

A key belongs to a host, whatever path of it is asked.

Everything here may wait for the keyring, which may ask the user to unlock it: background threads only.
"""

from __future__ import annotations

import threading
from typing import Literal
from urllib.parse import urlsplit

import structlog

SERVICE = "dsbs-studio"
Place = Literal["keyring", "memory"]
log = structlog.get_logger("teacher")


class Keys:
    """Keys by the address of their server. What a keyring refuses is remembered until the program ends."""

    def __init__(self) -> None:
        self._in_memory: dict[str, str] = {}
        self._lock = threading.Lock()

    def place(self) -> Place:
        """Where a key would be kept."""
        return "keyring" if _has_keyring() else "memory"

    def load(self, address: str) -> str:
        """The key of a server; empty if none is known."""
        import keyring
        import keyring.errors

        address = _origin(address)
        with self._lock:
            if address in self._in_memory:
                return self._in_memory[address]
            if not _has_keyring():
                return ""
            try:
                return keyring.get_password(SERVICE, address) or ""
            except keyring.errors.KeyringError:
                log.warning("the keyring gave no key")
                return ""

    def save(self, address: str, key: str) -> Place:
        """Keep a key, or forget it where it is empty. Returns where it is now."""
        import keyring
        import keyring.errors

        address = _origin(address)
        with self._lock:
            self._in_memory.pop(address, None)
            if _has_keyring():
                try:
                    if key:
                        keyring.set_password(SERVICE, address, key)
                    elif keyring.get_password(SERVICE, address):
                        keyring.delete_password(SERVICE, address)
                    return "keyring"
                except keyring.errors.KeyringError:
                    log.warning("the keyring did not take a key")
            if key:
                self._in_memory[address] = key
            return "memory"


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else address


def _has_keyring() -> bool:
    """Whether there is a keyring that encrypts: not one that keeps nothing, nor one that writes plain files."""
    import keyring
    from keyring.backends import fail, null

    backend = keyring.get_keyring()
    keeps_nothing = isinstance(backend, fail.Keyring | null.Keyring)
    return not keeps_nothing and "plaintext" not in type(backend).__name__.lower()
