"""The server's own certificate: what it says, that clients trust it alone, and how long it is kept."""

import os
import socket
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from server.certificates import ServerCertificate, machine_names, server_certificate

pytestmark = pytest.mark.unit

NAMES = frozenset({"localhost", "127.0.0.1", "::1", "hall-server"})


def read(files: ServerCertificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(files.certificate.read_bytes())


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> None:
    """A whole handshake in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for end in list(ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            ends.remove(end)
    assert not ends


def test_it_bears_every_name_and_is_backdated(tmp_path: Path) -> None:
    certificate = read(server_certificate(tmp_path / "tls", NAMES))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(name.value) for name in names} == NAMES
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    now = datetime.now(UTC)
    assert certificate.not_valid_before_utc < now - timedelta(hours=23)
    assert timedelta(days=390) < certificate.not_valid_after_utc - now < timedelta(days=398)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    files = server_certificate(tmp_path / "tls", NAMES)
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.key.parent.stat().st_mode) == 0o700
    assert sorted(path.name for path in files.key.parent.iterdir()) == ["server.key", "server.pem"]


def test_a_client_that_is_given_it_trusts_it_under_its_names_only(tmp_path: Path) -> None:
    files = server_certificate(tmp_path / "tls", NAMES)
    other = server_certificate(tmp_path / "other", NAMES)
    client = ssl.create_default_context(cafile=files.certificate)
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


def test_the_machine_is_known_by_name_and_address() -> None:
    names = machine_names()
    assert {"localhost", "127.0.0.1", "::1", socket.gethostname().lower()} <= names
    assert not any(name.startswith("fe80") for name in names)
