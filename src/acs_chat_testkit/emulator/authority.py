"""The certificate authority of one run: good for this machine's names alone, gone when the run ends."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import certifi
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_LIFE = timedelta(days=30)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Authority:
    """Signs one server certificate; its key never leaves this object.

    Args:
        host: A further name or address that the server is reached by.
    """

    def __init__(self, host: str) -> None:
        self._names = tuple(dict.fromkeys((*_LOOPBACK, host)))
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        certificate = self._certificate(key).public_bytes(serialization.Encoding.PEM)
        self._authority = trustme.CA.from_pem(certificate, pem)

    def bundle(self) -> bytes:
        """The public authorities and this one, as PEM."""
        with open(certifi.where(), "rb") as public:
            return public.read() + b"\n" + self._authority.cert_pem.bytes()

    def server_context(self) -> ssl.SSLContext:
        """What a TLS server needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*self._names).configure_cert(context)
        return context

    def _certificate(self, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "acs-chat emulator, one run")])
        now = datetime.now(UTC)
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        return (
            builder.not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + _LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.NameConstraints([_permitted(one) for one in self._names], None), critical=True)
            .sign(key, hashes.SHA256())
        )


def _permitted(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_network(name))
    except ValueError:
        return x509.DNSName(name)
