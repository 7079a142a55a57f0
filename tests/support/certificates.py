"""Authorities of our own, what they sign, and servers that show it."""

import socketserver
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Authority:
    """Signs certificates; ``file`` has its own, for whoever trusts it."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._own = self._signed(name, (), self._key, timedelta(days=2), authority=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._own.public_bytes(Encoding.PEM))

    def sign(self, *hosts: str, lasts: timedelta = timedelta(days=1)) -> ssl.SSLContext:
        """For a server of these names or addresses."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certify(*hosts, lasts=lasts))
        return context

    def certify(self, *hosts: str, lasts: timedelta = timedelta(days=1)) -> Path:
        """A file with a key and a certificate for it, of these names or addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed("camera", hosts, key, lasts)
        file = self._folder / f"{certificate.serial_number}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
        return file

    def _signed(
        self,
        name: str,
        hosts: Sequence[str],
        key: ec.EllipticCurvePrivateKey,
        lasts: timedelta,
        authority: bool = False,
    ) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if authority else self._own.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=30))
            .not_valid_after(now + lasts)
            .add_extension(x509.BasicConstraints(authority, None), True)
        )
        if hosts:
            named = [
                x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
                for host in hosts
            ]
            made = made.add_extension(x509.SubjectAlternativeName(named), False)
        return made.sign(self._key, hashes.SHA256())


def secure(server: socketserver.TCPServer, context: ssl.SSLContext) -> None:
    """From now on it speaks TLS."""
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
