"""Encrypts for one browser: RFC 8291, by the content coding ``aes128gcm`` of RFC 8188. Pure.

Whoever carries a message, the push service, has only its length. Written with the primitives of
``cryptography`` (decision 0133), and compared with the example of RFC 8291.
"""

import os
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD = 4096
"""Bytes of a record, of which there is one; push services take no more."""
LAST = b"\x02"
"""Delimiter of the last record; what would follow it is padding."""


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as both RFCs write it: 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encrypt(
    plain: bytes,
    browser: bytes,
    secret: bytes,
    *,
    salt: bytes = b"",
    private: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The body of a request.

    Args:
        browser: its public key, a point of P-256.
        secret: ``auth`` of its subscription.
        salt, private: of this message alone; made where they are not given, as they have to be.

    Raises:
        ValueError: ``browser`` is no point of P-256.
    """
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), browser)
    salt, private = salt or os.urandom(16), private or ec.generate_private_key(ec.SECP256R1())
    ours = point(private.public_key())
    shared = private.exchange(ec.ECDH(), theirs)
    key = _derived(shared, secret, b"WebPush: info\x00" + browser + ours, 32)
    content = _derived(key, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(key, salt, b"Content-Encoding: nonce\x00", 12)
    header = salt + struct.pack("!IB", RECORD, len(ours)) + ours
    return header + AESGCM(content).encrypt(nonce, plain + LAST, None)


def _derived(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(key)
