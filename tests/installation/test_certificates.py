"""The server's certificate: what it says, who trusts it, how long it is kept, and how a running server changes it."""

import asyncio
import os
import socket
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from structlog.testing import capture_logs

from server.installation.addresses import dns_name, is_loopback, machine_names, reachable
from server.installation.authority import new_authority
from server.installation.certificates import (
    LOOK_MS,
    CertificateKeeper,
    ServerCertificate,
    certificate_lines,
    server_certificate,
)
from tests.support.clock import ManualClock

pytestmark = pytest.mark.unit

NAMES = frozenset({"localhost", "127.0.0.1", "::1", "hall-server"})
DAY_MS = 24 * 3600 * 1000


def read(files: ServerCertificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(files.certificate.read_bytes())


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> x509.Certificate:
    """A whole handshake in memory; what the server showed."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname=name)
    ends = [asking, server.wrap_bio(to_server, to_client, server_side=True)]
    for _ in range(4):
        for end in list(ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            ends.remove(end)
    assert not ends
    shown = asking.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown)


def test_it_bears_every_name_and_is_backdated(tmp_path: Path) -> None:
    certificate = read(server_certificate(tmp_path / "tls", NAMES))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(name.value) for name in names} == NAMES
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    assert certificate.not_valid_before_utc < datetime.now(UTC) - timedelta(days=179)
    whole = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert timedelta(days=390) < whole <= timedelta(days=397)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    files = server_certificate(tmp_path / "tls", NAMES)
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.key.parent.stat().st_mode) == 0o700
    kept = ["authority.key", "authority.pem", "server.key", "server.pem"]
    assert sorted(path.name for path in files.key.parent.iterdir()) == kept


def test_a_client_that_is_given_the_authority_trusts_it_under_its_names_only(tmp_path: Path) -> None:
    files = server_certificate(tmp_path / "tls", NAMES)
    other = server_certificate(tmp_path / "other", NAMES)
    client = ssl.create_default_context(cafile=files.authority)
    for name in sorted(NAMES):
        handshake(files.context(), client, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(files.context(), client, "elsewhere")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(other.context(), client, "localhost")


def test_it_is_kept_while_it_fits(tmp_path: Path) -> None:
    first = read(server_certificate(tmp_path, NAMES))
    assert read(server_certificate(tmp_path, NAMES - {"hall-server"})) == first
    moved = read(server_certificate(tmp_path, NAMES | {"192.168.7.9"}))
    assert moved != first
    assert read(server_certificate(tmp_path, NAMES)) == moved


def test_it_is_made_anew_before_it_ends_but_not_after_its_authority(tmp_path: Path) -> None:
    at = datetime(2026, 5, 9, tzinfo=UTC)
    first = read(server_certificate(tmp_path, NAMES, at=at))
    assert read(server_certificate(tmp_path, NAMES, at=at + timedelta(days=180))) == first
    second = read(server_certificate(tmp_path, NAMES, at=at + timedelta(days=190)))
    assert second.not_valid_after_utc == at + timedelta(days=400)
    assert read(server_certificate(tmp_path, NAMES, at=at + timedelta(days=390))) == second


def test_what_the_authority_may_not_speak_for_is_left_out(tmp_path: Path) -> None:
    server_certificate(tmp_path, NAMES)
    certificate = read(server_certificate(tmp_path, NAMES | {"203.0.113.7", "10.0.0.9"}))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(name.value) for name in names} == NAMES | {"10.0.0.9"}


def test_one_foreign_name_would_spoil_the_whole_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server_certificate(tmp_path, NAMES)
    monkeypatch.setattr("server.installation.certificates.uncovered", lambda *_: [])
    files = server_certificate(tmp_path, NAMES | {"bank.example"})
    client = ssl.create_default_context(cafile=files.authority)
    for name in ("bank.example", "localhost"):
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
            handshake(files.context(), client, name)


def test_a_new_authority_signs_it_anew(tmp_path: Path) -> None:
    first = read(server_certificate(tmp_path, NAMES))
    new_authority(tmp_path, "某校", NAMES, datetime.now(UTC))
    files = server_certificate(tmp_path, NAMES)
    assert read(files) != first
    handshake(files.context(), ssl.create_default_context(cafile=files.authority), "localhost")


@pytest.mark.parametrize("broken", ["server.key", "server.pem"])
def test_it_is_made_anew_if_a_file_is_broken(tmp_path: Path, broken: str) -> None:
    first = read(server_certificate(tmp_path, NAMES))
    (tmp_path / broken).write_text("nonsense", encoding="ascii")
    files = server_certificate(tmp_path, NAMES)
    assert read(files) != first
    files.context()


def test_it_is_made_anew_if_the_key_is_another_one(tmp_path: Path) -> None:
    files = server_certificate(tmp_path / "one", NAMES)
    other = server_certificate(tmp_path / "two", NAMES)
    files.key.write_bytes(other.key.read_bytes())
    server_certificate(tmp_path / "one", NAMES).context()


def test_people_can_read_what_there_is(tmp_path: Path) -> None:
    assert certificate_lines(tmp_path) == []
    server_certificate(tmp_path, NAMES, "某校")
    text = "\n".join(certificate_lines(tmp_path))
    assert "CCSS 某校 CA" in text
    assert text.count("SHA-256") == 2
    assert "hall-server" in text


# --- while the server runs ----------------------------------------------------------------------------


@pytest.mark.anyio
async def test_a_running_server_follows_its_address(tmp_path: Path, clock: ManualClock) -> None:
    at = datetime.fromtimestamp(clock.now_ms() / 1000, UTC)
    files = server_certificate(tmp_path, NAMES, at=at)
    context, client = files.context(), ssl.create_default_context(cafile=files.authority)
    client.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    there = set(NAMES)
    told: list[frozenset[str]] = []
    looks: list[int] = []

    def look() -> frozenset[str]:
        looks.append(clock.now_ms())
        return frozenset(there)

    keeper = CertificateKeeper(tmp_path, "某校", context, look, lambda names, _: told.append(names), clock)
    before = handshake(context, client, "localhost")
    clock.busy.append(lambda: len(looks) < 1 + (clock.now_ms() - int(at.timestamp() * 1000)) // LOOK_MS)
    running = asyncio.create_task(keeper.run())
    try:
        await clock.advance(LOOK_MS)
        assert handshake(context, client, "localhost") == before
        there.add("192.168.7.9")
        await clock.advance(LOOK_MS)
        assert handshake(context, client, "192.168.7.9") != before
        assert told[-1] == NAMES | {"192.168.7.9"}
    finally:
        running.cancel()


@pytest.mark.anyio
async def test_a_running_server_renews_what_nears_its_end(tmp_path: Path, clock: ManualClock) -> None:
    at = datetime.fromtimestamp(clock.now_ms() / 1000, UTC)
    files = server_certificate(tmp_path, NAMES, at=at)
    context = files.context()
    keeper = CertificateKeeper(tmp_path, "某校", context, lambda: NAMES, lambda *_: None, clock)
    await keeper.check()
    first = read(files)
    await clock.advance(180 * DAY_MS)
    await keeper.check()
    assert read(files) == first
    await clock.advance(10 * DAY_MS)
    await keeper.check()
    assert read(files).not_valid_after_utc > first.not_valid_after_utc


@pytest.mark.anyio
async def test_an_authority_that_can_not_be_read_leaves_everything_as_it_is(tmp_path: Path, clock: ManualClock) -> None:
    at = datetime.fromtimestamp(clock.now_ms() / 1000, UTC)
    files = server_certificate(tmp_path, NAMES, at=at)
    context, shown = files.context(), read(files)
    told: list[tuple[frozenset[str], x509.Certificate]] = []
    there = set(NAMES)
    keeper = CertificateKeeper(
        tmp_path, "某校", context, lambda: frozenset(there), lambda *news: told.append(news), clock
    )
    await keeper.look_once()
    key = tmp_path / "authority.key"
    key.rename(tmp_path / "elsewhere")
    there.add("192.168.7.9")
    with capture_logs() as logged:
        for _ in range(3):
            await keeper.look_once()
    assert [line["event"] for line in logged] == ["certificate.failed"]
    assert (read(files), [names for names, _ in told]) == (shown, [NAMES])
    (tmp_path / "elsewhere").rename(key)
    await keeper.look_once()
    assert told[-1][0] == NAMES | {"192.168.7.9"}


@pytest.mark.anyio
async def test_the_entrance_is_told_the_authority_that_stands_behind(tmp_path: Path, clock: ManualClock) -> None:
    at = datetime.fromtimestamp(clock.now_ms() / 1000, UTC)
    files = server_certificate(tmp_path, NAMES, at=at)
    told: list[x509.Certificate] = []
    keeper = CertificateKeeper(
        tmp_path, "某校", files.context(), lambda: NAMES, lambda _, authority: told.append(authority), clock
    )
    made = new_authority(tmp_path, "某校", NAMES, at)
    await keeper.look_once()
    assert told == [made.certificate]


@pytest.mark.anyio
async def test_an_ended_authority_goes_on_signing_and_is_told_once_a_day(tmp_path: Path, clock: ManualClock) -> None:
    at = datetime.fromtimestamp(clock.now_ms() / 1000, UTC)
    made = new_authority(tmp_path, "某校", NAMES, at - timedelta(days=700))
    files = server_certificate(tmp_path, NAMES, at=at)
    keeper = CertificateKeeper(tmp_path, "某校", files.context(), lambda: NAMES, lambda *_: None, clock)
    with capture_logs() as logged:
        for _ in range(3):
            await keeper.look_once()
    assert [line["event"] for line in logged] == ["authority.ended"]
    assert read(files).not_valid_after_utc == made.certificate.not_valid_after_utc


# --- addresses ----------------------------------------------------------------------------------------


def test_the_machine_is_known_by_name_and_address() -> None:
    names = machine_names()
    assert {"localhost", "127.0.0.1", "::1", dns_name(socket.gethostname())} <= names
    assert not any(name.startswith("fe80") for name in names)


def test_names_are_as_certificates_hold_them() -> None:
    assert dns_name("Hall-Server") == "hall-server"
    assert dns_name("教师机").startswith("xn--")
    for wrong in ("", "a b", "-a", "a" * 64, "a;b", "*.lan"):
        with pytest.raises(ValueError, match="no host name"):
            dns_name(wrong)


def test_what_is_loopback() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "localhost"))
    assert not any(is_loopback(host) for host in ("", "192.168.1.1", "::ffff:10.0.0.1", "testclient", "0.0.0.0"))


def test_seats_are_told_the_likeliest_address_first() -> None:
    names = {"localhost", "127.0.0.1", "hall", "fd00::1", "172.17.0.1", "192.168.3.4"}
    assert reachable(names) == ["192.168.3.4", "172.17.0.1", "fd00::1", "hall"]
