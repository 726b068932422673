"""The contest's authority: what it may speak for, what verifiers make of it, what is told when it no longer fits."""

import ipaddress
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from structlog.testing import capture_logs

from server.core.errors import Conflict
from server.installation.authority import (
    Authority,
    authority,
    authority_faults,
    fingerprint,
    load_authority,
    new_authority,
)
from server.installation.certificates import server_certificate

pytestmark = pytest.mark.unit

NOW = datetime(2026, 5, 9, 8, tzinfo=UTC)
NAMES = frozenset({"localhost", "127.0.0.1", "::1", "hall-server", "192.168.1.10"})


def made(folder: Path, site_name: str = "某校", names: frozenset[str] = NAMES) -> Authority:
    return new_authority(folder, site_name, names, NOW)


def verify(trusted: Authority, certificate: x509.Certificate, name: str, at: datetime = NOW) -> None:
    """As a careful client does it."""
    try:
        subject: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        subject = x509.DNSName(name)
    verifier = PolicyBuilder().store(Store([trusted.certificate])).time(at).build_server_verifier(subject)  # type: ignore[arg-type]
    verifier.verify(certificate, [])


def forged(signer: Authority, name: str) -> x509.Certificate:
    """A certificate that a thief of the key would make."""
    key = ec.generate_private_key(ec.SECP256R1())
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(signer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False)
        .sign(signer.key, hashes.SHA256())
    )


def test_it_says_who_made_it_and_what_it_is_for(tmp_path: Path) -> None:
    one = made(tmp_path)
    certificate = one.certificate
    assert one.name.startswith("CCSS 某校 CA ")
    assert made(tmp_path / "again").name != one.name
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.digital_signature) == (True, False)
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert certificate.not_valid_before_utc == NOW - timedelta(days=180)
    assert certificate.not_valid_after_utc == NOW + timedelta(days=400)


@pytest.mark.parametrize("site_name", ["", "CCSS", "长" * 60, "a\nb", "x" * 200])
def test_any_site_name_makes_a_name_that_fits(tmp_path: Path, site_name: str) -> None:
    name = made(tmp_path, site_name).name
    assert len(name.encode()) <= 64
    assert name.isprintable()
    assert name.startswith("CCSS ")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_its_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    made(tmp_path / "tls")
    assert stat.S_IMODE((tmp_path / "tls" / "authority.key").stat().st_mode) == 0o600
    assert sorted(path.name for path in (tmp_path / "tls").iterdir()) == ["authority.key", "authority.pem"]


def test_it_covers_the_lan_and_nothing_beyond(tmp_path: Path) -> None:
    one = made(tmp_path, names=NAMES | {"203.0.113.7", "2001:db8:1:2::9"})
    inside = ["10.1.2.3", "172.31.0.1", "192.168.99.1", "fd12::1", "127.0.0.1", "::1", "hall-server", "ccss.local"]
    inside += ["pc.lan", "x.home.arpa", "localhost", "203.0.113.7", "2001:db8:1:2:aaaa::1"]
    assert [name for name in inside if not one.covers(name)] == []
    outside = ["203.0.113.8", "8.8.8.8", "172.32.0.1", "2001:db8:1:3::1", "bank.example", "evilhall-server", "com"]
    assert [name for name in outside if one.covers(name)] == []


def test_verifiers_take_its_certificate_and_refuse_a_foreign_name(tmp_path: Path) -> None:
    files = server_certificate(tmp_path, NAMES, "某校", NOW)
    one = load_authority(tmp_path)
    assert one is not None
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    for name in sorted(NAMES):
        verify(one, certificate, name)
    verify(one, forged(one, "other.local"), "other.local")
    with pytest.raises(VerificationError, match="(?i)constraint"):
        verify(one, forged(one, "bank.example"), "bank.example")
    with pytest.raises(VerificationError):
        verify(made(tmp_path / "other"), certificate, "localhost")


def test_clocks_that_are_months_wrong_are_taken(tmp_path: Path) -> None:
    files = server_certificate(tmp_path, NAMES, "某校", NOW)
    one = load_authority(tmp_path)
    assert one is not None
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    for days in (-170, 170):
        verify(one, certificate, "localhost", NOW + timedelta(days=days))
    with pytest.raises(VerificationError):
        verify(one, certificate, "localhost", NOW - timedelta(days=200))


def test_it_is_kept_even_when_it_has_ended(tmp_path: Path) -> None:
    assert load_authority(tmp_path) is None
    with capture_logs() as logged:
        first = authority(tmp_path, "某校", NAMES, NOW).certificate
    assert [(line["event"], line["fingerprint"]) for line in logged] == [("authority.made", fingerprint(first))]
    assert authority(tmp_path, "另一校", NAMES | {"8.8.8.8"}, NOW + timedelta(days=399)).certificate == first
    with capture_logs() as logged:
        assert authority(tmp_path, "某校", NAMES, NOW + timedelta(days=401)).certificate == first
    assert [line["event"] for line in logged] == ["authority.ended"]


def lose(file: str) -> Callable[[Path], None]:
    return lambda tls: (tls / file).unlink()


def swap(tls: Path) -> None:
    made(tls / "other")
    (tls / "other" / "authority.key").replace(tls / "authority.key")


def unreadable(tls: Path) -> None:
    (tls / "authority.key").unlink()
    (tls / "authority.key").mkdir()


def broken(tls: Path) -> None:
    (tls / "authority.key").write_text("nonsense", encoding="ascii")


@pytest.mark.parametrize("harm", [lose("authority.key"), lose("authority.pem"), swap, unreadable, broken])
def test_one_that_can_not_be_used_is_never_replaced_by_itself(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    made(tmp_path)
    harm(tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(Conflict, match="--new-authority"):
        server_certificate(tmp_path, NAMES, "某校", NOW)
    assert {path.name for path in tmp_path.iterdir()} == before
    (fault,) = authority_faults(tmp_path, NAMES, NOW)
    assert "--new-authority" in fault.zh


def test_faults_are_named_with_their_cure(tmp_path: Path) -> None:
    assert [fault.zh for fault in authority_faults(tmp_path, NAMES, NOW) if "没有证书机构" in fault.zh]
    made(tmp_path)
    assert authority_faults(tmp_path, NAMES, NOW) == []
    (soon,) = authority_faults(tmp_path, NAMES, NOW + timedelta(days=371))
    assert "到期" in soon.zh
    (early,) = authority_faults(tmp_path, NAMES, NOW - timedelta(days=200))
    assert "校准时钟" in early.zh
    (moved,) = authority_faults(tmp_path, NAMES | {"203.0.113.7"}, NOW)
    assert "203.0.113.7" in moved.zh
    assert "--new-authority" in moved.zh
