"""How other machines come in: what plain HTTP still answers, and what /trust tells of the authority."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from server.core.frozen import Frozen
from server.installation.addresses import host_in_url, is_loopback, reachable
from server.installation.authority import fingerprint

TRUST_PAGE = "/trust"
_TRUST_API = "/api/v1/trust"
_ALWAYS = frozenset({TRUST_PAGE, _TRUST_API, "/api/v1/site", "/healthz", "/readyz"})

Verdict = Literal["serve", "to_trust", "refuse"]


class TrustView(Frozen):
    """What /trust shows; times UTC epoch ms. `secure_url` is of the host that the page was asked by."""

    authority: str
    fingerprint: str
    """SHA-256 of the authority, as browsers show it."""
    thumbprint: str
    """SHA-1 of it, by which Windows lists it."""
    valid_from_ms: int
    valid_until_ms: int
    secure_url: str
    plain_url: str


@dataclass(slots=True)
class Entrance:
    """The two doors of a server that serves TLS. `names` follows the machine's addresses while it runs."""

    plain_port: int
    secure_port: int
    plain_http_on_lan: bool
    authority: x509.Certificate
    site_name: str
    names: frozenset[str] = field(default_factory=frozenset)

    def verdict(self, client: str, method: str, path: str) -> Verdict:
        """What becomes of a request over plain HTTP from `client`.

        A machine that does not trust the authority yet must reach what makes it trust. Pages lead there and not to
        HTTPS at once: the browser's warning would be all that its people ever saw.
        """
        if self.plain_http_on_lan or is_loopback(client):
            return "serve"
        if path in _ALWAYS or path.startswith(f"{_TRUST_API}/"):
            return "serve"
        if method not in ("GET", "HEAD") or path.startswith("/api/"):
            return "refuse"
        # Files of the front end hold nothing of anybody.
        return "serve" if "." in path.rsplit("/", 1)[-1] else "to_trust"

    def trust_page(self, wanted: str) -> str:
        """The address on this server that helps a machine in, and then leads to `wanted` (path and query)."""
        return TRUST_PAGE if wanted in ("", "/") else f"{TRUST_PAGE}?next={quote(wanted, safe='/')}"

    def host(self, asked: str) -> str:
        """Under what name a machine that asked for `asked` (a Host header) finds this one.

        Only names of this machine are believed; whoever asks from the machine itself gets its likeliest address.
        """
        name = _host_name(asked)
        if name in self.names and not is_loopback(name):
            return name
        return next(iter(reachable(self.names)), "localhost")

    def secure_url(self, asked: str) -> str:
        """The HTTPS address for seats."""
        return f"https://{host_in_url(self.host(asked))}:{self.secure_port}"

    def plain_url(self, asked: str) -> str:
        """The HTTP address for seats."""
        return f"http://{host_in_url(self.host(asked))}:{self.plain_port}"

    def secure_origin(self, asked: str) -> str:
        """The HTTPS origin of the very host that was asked for, so that a page can try it; empty for an odd name."""
        name = _host_name(asked)
        known = name in self.names or is_loopback(name)
        return f"https://{host_in_url(name)}:{self.secure_port}" if known else ""

    def welcome(self) -> list[str]:
        """What whoever starts the server hands on to other machines."""
        return welcome(self.names, self.plain_port, self.secure_port)

    def view(self, asked: str) -> TrustView:
        """For the page."""
        return TrustView(
            authority=common_name(self.authority),
            fingerprint=fingerprint(self.authority),
            thumbprint=thumbprint(self.authority),
            valid_from_ms=int(self.authority.not_valid_before_utc.timestamp() * 1000),
            valid_until_ms=int(self.authority.not_valid_after_utc.timestamp() * 1000),
            secure_url=self.secure_origin(asked) or self.secure_url(asked),
            plain_url=self.plain_url(asked),
        )

    def der(self) -> bytes:
        """The authority for Windows, phones, tablets."""
        return self.authority.public_bytes(serialization.Encoding.DER)

    def pem(self) -> bytes:
        """The authority for Linux and Firefox."""
        return self.authority.public_bytes(serialization.Encoding.PEM)


def welcome(names: frozenset[str], plain_port: int, secure_port: int) -> list[str]:
    """The addresses for seats, and the page that every machine needs once."""
    hosts = [host_in_url(host) for host in reachable(names)]
    if not hosts:
        return ["没有局域网地址，其他电脑无法访问  (no address on a LAN: other machines can't come in)"]
    secure = "  ".join(f"https://{host}:{secure_port}" for host in hosts)
    return [
        f"赛位地址 for seats:        {secure}",
        f"首次使用 on each machine:  http://{hosts[0]}:{plain_port}{TRUST_PAGE}",
    ]


def common_name(certificate: x509.Certificate) -> str:
    """What people see it called."""
    return str(certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def thumbprint(certificate: x509.Certificate) -> str:
    """SHA-1 in upper-case hexadecimal: an identifier in Windows, no protection."""
    return certificate.fingerprint(hashes.SHA1()).hex().upper()


def _host_name(asked: str) -> str:
    """The host of a Host header, without port and brackets; empty for what is none."""
    try:
        return (urlsplit(f"//{asked}").hostname or "").lower()
    except ValueError:
        return ""
