"""The server's TLS certificate: signed by the contest's authority, renewed at a start and while the server runs."""

import contextlib
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import structlog
from anyio import to_thread
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.core.clock import Clock
from server.core.errors import Problem
from server.installation.addresses import dns_name, ip_of
from server.installation.authority import (
    BACKDATED,
    ENDS_SOON,
    NEW_AUTHORITY,
    Authority,
    authority,
    authority_files,
    fingerprint,
    pem_of_key,
    uncovered,
)
from server.installation.keeping import keep

_VALID = timedelta(days=397) - BACKDATED
"""With the days before now: the longest that browsers take."""
LOOK_MS = 60_000
"""How often a running server looks whether its addresses have changed."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """Three PEM files: the certificate, its key, which its owner alone can read, and the authority clients trust."""

    certificate: Path
    key: Path
    authority: Path

    def context(self) -> ssl.SSLContext:
        """What a listening socket needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        self.load_into(context)
        return context

    def load_into(self, context: ssl.SSLContext) -> None:
        """Show this certificate from the next handshake on; lines that are open stay."""
        context.load_cert_chain(self.certificate, self.key)


def certificate_files(folder: Path) -> ServerCertificate:
    """Where a `tls` folder keeps them."""
    return ServerCertificate(folder / "server.pem", folder / "server.key", authority_files(folder)[0])


def certificate_lines(folder: Path) -> list[str]:
    """What the authority and the certificate of a `tls` folder are, for people to read."""
    files = certificate_files(folder)
    lines = []
    for title, path in (("证书机构 authority", files.authority), ("服务器证书 server", files.certificate)):
        try:
            certificate = x509.load_pem_x509_certificate(path.read_bytes())
        except (OSError, ValueError):
            continue
        lines += [
            f"{title}:  {certificate.subject.rfc4514_string().removeprefix('CN=')}",
            f"  SHA-256:  {fingerprint(certificate)}",
            f"  {certificate.not_valid_before_utc:%Y-%m-%d} .. {certificate.not_valid_after_utc:%Y-%m-%d}",
        ]
        with contextlib.suppress(x509.ExtensionNotFound):
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            lines.append(f"  {'  '.join(str(name.value) for name in names)}")
    return lines


def server_certificate(
    folder: Path, names: Iterable[str], site_name: str = "CCSS", at: datetime | None = None
) -> ServerCertificate:
    """The certificate in a `tls` folder if it fits these names, else a new one; likewise the authority behind it.

    Names that the authority may not speak for are left out, and told to the log. `at` is now unless said otherwise.
    Raises Conflict for an authority that can't be used.
    """
    wanted = frozenset(names)
    at = at or datetime.now(UTC)
    signer = authority(folder, site_name, wanted, at)
    outside = uncovered(signer, wanted)
    if outside:
        log.error("certificate.uncovered", names=outside, cure=NEW_AUTHORITY)
    files = certificate_files(folder)
    if not _fits(files, signer, wanted - set(outside), at):
        key = ec.generate_private_key(ec.SECP256R1())
        made = _signed(signer, key, wanted - set(outside), at)
        keep(files.key, pem_of_key(key), mode=0o600)
        keep(files.certificate, made.public_bytes(serialization.Encoding.PEM))
        log.info("certificate.made", names=sorted(wanted - set(outside)), until=made.not_valid_after_utc.isoformat())
    return files


@dataclass(slots=True)
class CertificateKeeper:
    """Gives a running server another certificate when its addresses change or the old one nears its end."""

    folder: Path
    site_name: str
    context: ssl.SSLContext
    look: Callable[[], frozenset[str]]
    """What the machine is called now; asked in a thread."""
    changed: Callable[[frozenset[str], x509.Certificate], None]
    """Told the names, and the authority that now stands behind them."""
    clock: Clock
    _names: frozenset[str] = frozenset()
    _shown: bytes = b""
    _asked: date = date.min
    """What nears its end is asked for once a day: its authority may not be able to outlast it."""
    _failed: str = ""

    async def run(self) -> None:
        """Look once a minute, for ever."""
        self._shown = certificate_files(self.folder).certificate.read_bytes()
        self._names = await to_thread.run_sync(self.look)
        while True:
            await self.clock.sleep_until(self.clock.now_ms() + LOOK_MS)
            await self.look_once()

    async def look_once(self) -> None:
        """Look; if that fails, the certificate that is there goes on being shown, and the log is told once."""
        try:
            await self.check()
        except (OSError, ValueError, ssl.SSLError, Problem) as error:
            if (said := repr(error)) != self._failed:
                log.error("certificate.failed", exc_info=True)
            self._failed = said
        else:
            self._failed = ""

    async def check(self) -> None:
        """Renew what must be; raises what stands in the way, and does it anew the next time."""
        names = await to_thread.run_sync(self.look)
        at = datetime.fromtimestamp(self.clock.now_ms() / 1000, UTC)
        if names == self._names and (_lasts(self._shown, at) or self._asked == at.date()):
            return
        files = server_certificate(self.folder, names, self.site_name, at)
        fresh = files.certificate.read_bytes()
        if fresh != self._shown:
            files.load_into(self.context)
            self._shown = fresh
        self._names, self._asked = names, at.date()
        self.changed(names, x509.load_pem_x509_certificate(files.authority.read_bytes()))


def _lasts(pem: bytes, at: datetime) -> bool:
    return bool(pem) and x509.load_pem_x509_certificate(pem).not_valid_after_utc - at > ENDS_SOON


def _fits(files: ServerCertificate, signer: Authority, wanted: frozenset[str], at: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        key = serialization.load_pem_private_key(files.key.read_bytes(), None)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        certificate.verify_directly_issued_by(signer.certificate)
    except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    ends = certificate.not_valid_after_utc
    return (
        certificate.not_valid_before_utc <= at
        and (ends - at > ENDS_SOON or ends >= _end(signer, at))
        and certificate.public_key() == key.public_key()
        and wanted <= {str(name.value) for name in names}
    )


def _end(signer: Authority, at: datetime) -> datetime:
    return min(at + _VALID, signer.certificate.not_valid_after_utc).replace(microsecond=0)


def _signed(
    signer: Authority, key: ec.EllipticCurvePrivateKey, names: frozenset[str], at: datetime
) -> x509.Certificate:
    public = key.public_key()
    issuer = signer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CCSS")]))
        .issuer_name(signer.certificate.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(at, _end(signer, at)) - BACKDATED)
        .not_valid_after(_end(signer, at))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in sorted(names)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), critical=False)
        .sign(signer.key, hashes.SHA256())
    )


def _general(name: str) -> x509.GeneralName:
    address = ip_of(name)
    return x509.DNSName(dns_name(name)) if address is None else x509.IPAddress(address)


def _key_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
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
