"""What the database keeps, and must not be able to read: sealed with a key from the secrets folder.

Whoever has a copy of the database, or may look into it, has nothing without that folder.
"""

import hmac
import os
import threading

from cryptography.fernet import Fernet, InvalidToken

from streams.secrets import write_secret
from streams.settings import Settings

CAMERA_ADDRESSES = "camera-addresses"
"""Name of the key of where cameras' pictures come from."""
CHANNELS = "channel-secrets"
"""The key by which channels' secrets, and people's addresses there, are sealed."""


class SealError(Exception):
    """It was sealed with another key, or is damaged; names nothing of it."""


class Seal:
    """One key, by its name in the secrets folder; the first to need it makes it.

    Raises:
        OSError: the key can be neither read nor made.
    """

    def __init__(self, settings: Settings, name: str) -> None:
        path = settings.secret(name)
        if not path.exists():
            draft = path.with_name(f".{name}.{os.getpid()}.{threading.get_ident()}")
            write_secret(draft, Fernet.generate_key().decode())
            try:
                path.hardlink_to(draft)  # of two who make it at once, one does
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        self._raw = path.read_bytes().strip()
        self._key = Fernet(self._raw)

    def derived(self, purpose: str) -> bytes:
        """Another key, for one purpose, that says nothing of this one."""
        return hmac.digest(self._raw, purpose.encode(), "sha256")

    def close(self, text: str) -> bytes:
        return self._key.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Raises SealError."""
        try:
            return self._key.decrypt(bytes(sealed)).decode()
        except InvalidToken:
            raise SealError("it was sealed with another key") from None
