"""The server's TLS certificate: made here, signed by itself, kept in the data folder while it fits."""

import contextlib
import ipaddress
import os
import re
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALID_DAYS = 397
"""The longest that browsers take."""
_RENEW_DAYS = 30
_BACKDATED = timedelta(days=1)
"""For machines whose clock is behind."""


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """Two PEM files: the certificate, which clients trust, and its key, which its owner alone can read."""

    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """What a listening socket needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(self.certificate, self.key)
        return context


def server_certificate(folder: Path, names: Iterable[str]) -> ServerCertificate:
    """The certificate kept in `folder` if it is valid for long enough and bears all `names`, else a new one."""
    files = ServerCertificate(folder / "server.pem", folder / "server.key")
    wanted = frozenset(names)
    if not _fits(files, wanted):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        _replace(files.key, _pem_of_key(key), mode=0o600)
        _replace(files.certificate, _signed(key, wanted).public_bytes(serialization.Encoding.PEM), mode=0o644)
    return files


def machine_names() -> frozenset[str]:
    """By what clients may call this machine: localhost, its host name, its addresses."""
    host = socket.gethostname()
    return frozenset({"localhost", "127.0.0.1", "::1", host.lower(), *_addresses(host)})


def _addresses(host: str) -> set[str]:
    """Addresses of this machine, as far as the system tells; link-local ones can't be typed into a browser."""
    found: set[str] = set()
    with contextlib.suppress(OSError):  # a host name that nobody knows is common on a LAN
        found |= {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    # On Linux the host name is often bound to the loopback only; the kernel knows better.
    for line in _lines("/proc/net/if_inet6"):
        raw = line.split()[0]
        found.add(":".join(raw[at : at + 4] for at in range(0, 32, 4)))
    found |= set(re.findall(r"\|-- (\S+)\n\s+/32 host LOCAL", "\n".join(_lines("/proc/net/fib_trie"))))
    addresses = {ipaddress.ip_address(address.split("%")[0]) for address in found}
    return {str(address) for address in addresses if not address.is_link_local}


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="ascii").splitlines()
    except OSError:
        return []


def _fits(files: ServerCertificate, wanted: frozenset[str]) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        key = serialization.load_pem_private_key(files.key.read_bytes(), None)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    now = datetime.now(UTC)
    return (
        certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc - timedelta(days=_RENEW_DAYS)
        and certificate.public_key() == key.public_key()
        and wanted <= {str(name.value) for name in names}
    )


def _signed(key: ec.EllipticCurvePrivateKey, names: frozenset[str]) -> x509.Certificate:
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CCSS")])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + timedelta(days=_VALID_DAYS) - _BACKDATED)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in sorted(names)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.encode("idna").decode("ascii"))


def _pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _replace(path: Path, content: bytes, mode: int) -> None:
    """Write a file that is never seen half-written, nor readable by others for a moment."""
    unfinished = path.with_name(f"{path.name}.making")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
