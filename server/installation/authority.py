"""The contest's own certificate authority: it can speak for this school's network and for nothing else."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.core.errors import Conflict
from server.core.text import Text
from server.installation.addresses import dns_name, ip_of, is_loopback
from server.installation.keeping import keep

BACKDATED = timedelta(days=180)
"""Clocks of seats that are wrong by less than half a year do no harm.

What has lost its battery starts years back, which no certificate that browsers take can cover: the seat script sets
such a clock by the server's.
"""
_VALID = timedelta(days=400)
ENDS_SOON = timedelta(days=30)
_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")
_DOMAINS = ("localhost", "local", "lan", "home.arpa")
"""Names that never leave a LAN: RFC 6761, 6762, 8375, and `lan` by the habit of routers."""
_NAME_BYTES = 64
"""X.520: the longest common name."""

NEW_AUTHORITY = "ccss certificate --new-authority"

log = structlog.get_logger()

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate that signs server certificates, with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def name(self) -> str:
        """What browsers and Windows list it as."""
        return str(self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def der(self) -> bytes:
        """The certificate as Windows and phones take it."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate as text."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def covers(self, name: str) -> bool:
        """Whether clients believe it about a name or an address."""
        permitted = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
        address = ip_of(name)
        for subtree in permitted or ():
            if address is not None:
                network = subtree.value
                if isinstance(network, ipaddress.IPv4Network | ipaddress.IPv6Network) and address in network:
                    return True
            elif isinstance(subtree, x509.DNSName) and f".{name}".endswith(f".{subtree.value}"):
                return True
        return False


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 as browsers show it: AB:CD:…"""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def authority_files(folder: Path) -> tuple[Path, Path]:
    """Certificate and key of the authority in a `tls` folder."""
    return folder / "authority.pem", folder / "authority.key"


def new_authority(folder: Path, site_name: str, names: Iterable[str], at: datetime) -> Authority:
    """Make one for a machine with these names; whoever trusted the one before has to be set up anew."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    identity = x509.SubjectKeyIdentifier.from_public_key(public)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _common_name(site_name, identity.digest.hex()[:8]))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - BACKDATED)
        .not_valid_after(at + _VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(), critical=True)
        # On Windows a root may vouch for programs and mail unless it says otherwise.
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.NameConstraints(_permitted(names), None), critical=True)
        .add_extension(identity, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identity), critical=False)
        .sign(key, hashes.SHA256())
    )
    made = Authority(certificate, key)
    certificate_file, key_file = authority_files(folder)
    keep(key_file, pem_of_key(key), mode=0o600)
    keep(certificate_file, made.pem)
    log.info("authority.made", name=made.name, fingerprint=fingerprint(certificate))
    return made


def load_authority(folder: Path) -> Authority | None:
    """The authority kept in a `tls` folder; None if neither of its files is there.

    Raises Conflict if one can't be read, is missing or broken, or they don't belong together: seats trust what is kept.
    """
    certificate_file, key_file = authority_files(folder)
    try:
        if not any(path.exists() for path in (certificate_file, key_file)):
            return None
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        certificate.extensions.get_extension_for_class(x509.NameConstraints)
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound) as error:
        raise _unusable(folder, str(error), str(error)) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
        raise _unusable(folder, "证书与密钥不匹配", "certificate and key don't belong together")
    return Authority(certificate, key)


def _unusable(folder: Path, why_zh: str, why_en: str) -> Conflict:
    return Conflict(
        Text(
            zh=f"{folder} 中的证书机构不能使用（{why_zh}）。请检查 authority.pem 和 authority.key 的权限，"
            f"或从备份取回；找不回来时运行 {NEW_AUTHORITY}，再重新布置各赛位",
            en=f"The authority in {folder} can't be used ({why_en}). Look at the access to authority.pem and"
            f" authority.key, or fetch them from a backup; if they are lost, run {NEW_AUTHORITY}"
            " and set the places up anew",
        )
    )


def authority(folder: Path, site_name: str, names: Iterable[str], at: datetime) -> Authority:
    """The one that is kept, even one that has ended, or a new one where there was none; raises as `load_authority`."""
    kept = load_authority(folder)
    if kept is None:
        return new_authority(folder, site_name, names, at)
    ends = kept.certificate.not_valid_after_utc
    if ends <= at:
        log.error("authority.ended", at=ends.isoformat(), cure=NEW_AUTHORITY)
    return kept


def uncovered(kept: Authority, names: Iterable[str]) -> list[str]:
    """Names and addresses that clients would not believe the authority about."""
    return sorted(name for name in names if not kept.covers(name))


def authority_faults(folder: Path, names: Iterable[str], at: datetime) -> list[Text]:
    """What is wrong with the authority in a `tls` folder, for a machine with these names, each with its cure."""
    try:
        kept = load_authority(folder)
    except Conflict as problem:
        return [problem.detail]
    if kept is None:
        return [
            Text(
                zh=f"没有证书机构（{folder}），启动服务器或运行 {NEW_AUTHORITY} 会生成",
                en=f"No authority in {folder}: starting the server or {NEW_AUTHORITY} makes one",
            )
        ]
    faults = []
    ends = kept.certificate.not_valid_after_utc
    if ends - at < ENDS_SOON:
        faults.append(
            Text(
                zh=f"证书机构 {ends:%Y-%m-%d} 到期；请运行 {NEW_AUTHORITY}，再重新布置各赛位",
                en=f"The authority ends on {ends:%Y-%m-%d}: run {NEW_AUTHORITY}, then set the places up anew",
            )
        )
    if kept.certificate.not_valid_before_utc > at:
        faults.append(
            Text(
                zh="服务器时钟早于证书机构的生效时间，请先校准时钟",
                en="The server's clock is before the authority's first day: set the clock first",
            )
        )
    if outside := uncovered(kept, names):
        faults.append(
            Text(
                zh=f"证书机构不能为这些地址签发：{'、'.join(outside)}；"
                f"请改回原来的网络，或运行 {NEW_AUTHORITY} 后重新布置各赛位",
                en=f"The authority may not speak for {', '.join(outside)}: "
                f"go back to the former network, or run {NEW_AUTHORITY} and set the places up anew",
            )
        )
    return faults


def pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key as text, not encrypted: the file's mode guards it."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _common_name(site_name: str, ending: str) -> str:
    words = "".join(character for character in site_name if character.isprintable()).removeprefix("CCSS").strip()
    room = _NAME_BYTES - len(f"CCSS  CA {ending}")
    short = words.encode()[:room].decode(errors="ignore").strip()
    return " ".join(word for word in ("CCSS", short, "CA", ending) if word)


def _permitted(names: Iterable[str]) -> list[x509.GeneralName]:
    """Private ranges, LAN-only domains, and what this machine is called beyond them."""
    networks: set[Network] = {ipaddress.ip_network(network) for network in _NETWORKS}
    domains = set(_DOMAINS)
    for name in names:
        address = ip_of(name)
        if address is None:
            if not is_loopback(name):
                domains.add(dns_name(name))
        elif not any(address in network for network in networks):
            # A global IPv6 address changes its second half every day; the network stays.
            bits = 32 if address.version == 4 else 64
            networks.add(ipaddress.ip_network((address, bits), strict=False))
    ordered = sorted(networks, key=lambda network: (network.version, network.network_address.packed))
    return [
        *(x509.DNSName(domain) for domain in sorted(domains)),
        *(x509.IPAddress(network) for network in ordered),
    ]


def _key_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
