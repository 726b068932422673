"""The scripts of a place: bytes that cmd reads, nothing that people typed runs, and an undo for everything."""

import base64
import re
from datetime import UTC, datetime

import pytest
from cryptography import x509

from server.installation.authority import Authority, new_authority
from server.installation.seat_setup import POWER_PLAN, SeatSetup
from server.installation.seat_setup_policies import chromium_values, firefox_values
from server.installation.seat_setup_text import harmless, harmless_url
from server.installation.trust import thumbprint

pytestmark = pytest.mark.unit

SECURE, PLAIN = "https://192.168.1.10:8443", "http://192.168.1.10:8000"
SEAT = "01JABCDEFGHJKMNPQRSTVWXYZ0"
EVIL = (
    '" & calc & "',
    "%COMSPEC% /c calc",
    "A^|calc",
    "a\r\nformat c:",
    "!PATH!",
    "x) & del *",
    "`calc`",
    "赛位<1>",
    "\U0001f600 A-01",
    "..\\..\\evil",
    "丨誡誰",
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("tls"), "某校", ["192.168.1.10"], datetime(2026, 5, 9, tzinfo=UTC))


def scripts(authority: Authority, label: str = "A-01", site_name: str = "某校竞赛") -> SeatSetup:
    print_ = thumbprint(authority.certificate)
    return SeatSetup(site_name, authority.der, print_, SECURE, PLAIN, label, f"/place/{SEAT}")


def lines(script: bytes) -> list[str]:
    assert script.endswith(b"\r\n")
    assert script.count(b"\n") == script.count(b"\r\n") == script.count(b"\r")
    return script.decode("gbk").split("\r\n")[:-1]


def both(setup: SeatSetup) -> list[list[str]]:
    return [lines(setup.setup()), lines(setup.undo())]


def test_cmd_can_read_every_byte(authority: Authority) -> None:
    for script in (scripts(authority).setup(), scripts(authority).undo()):
        assert script.startswith(b"@echo off\r\n")
        assert max(len(line) for line in script.split(b"\r\n")) < 8000
        for text in re.findall(rb"[\x81-\xfe][\x40-\xfe]", script):
            assert text[1] not in b"\\^|&", text.decode("gbk")
        said = script.decode("gbk")
        assert said.index("chcp 936") < re.search(r"[^\x00-\x7f]", said).start()  # type: ignore[union-attr]


def test_every_jump_has_its_label_and_every_quote_its_end(authority: Authority) -> None:
    for script in both(scripts(authority)):
        there = [line[1:].lower() for line in script if line.startswith(":")]
        assert len(there) == len(set(there))
        jumps = {found.lower() for line in script for found in re.findall(r"\bgoto (\w+)", line)}
        calls = {found.lower() for line in script for found in re.findall(r"\bcall :(\w+)", line)}
        assert jumps | calls <= set(there)
        assert set(there) <= jumps | calls
        for line in script:
            assert line.count('"') % 2 == 0, line
            assert line.count("(") == line.count(")") or "delims=:(" in line, line
        # Subroutines stand behind the end: nothing falls into one.
        assert script[-1] == "exit /b 0"
        end = script.index("exit /b %CCSS_FAILED%")
        assert {line.split(":")[-1] for line in script[:end] if line.startswith(":")}.isdisjoint(calls)


@pytest.mark.parametrize("typed", EVIL)
def test_what_people_typed_runs_nothing(authority: Authority, typed: str) -> None:
    plain = both(scripts(authority, "A-01", "某校"))
    for before, after in zip(plain, both(scripts(authority, typed, typed)), strict=True):
        changed = [new for old, new in zip(before, after, strict=True) if old != new]
        assert len(changed) == 2
        for line in changed:
            assert line.startswith("echo ")
            assert not set(line[5:]) & set("%&^!|<>\"'()`;\r\n"), line


@pytest.mark.parametrize("typed", EVIL)
def test_harmless_text_is_a_file_name(typed: str) -> None:
    name = harmless(typed)
    name.encode("gbk")
    assert not set(name) & set('\\/:*?"<>|%\r\n')
    assert not name.startswith(".")


def test_harmless_text_stays_readable() -> None:
    assert harmless("第一考场 A-01_备") == "第一考场 A-01_备"
    assert harmless("A&B 100%") == "A＆B 100％"
    assert harmless("\U0001f600") == "□"


@pytest.mark.parametrize(
    "url", ["https://a b/", "https://x:1/%41", 'https://x/"', "ftp://x/", "https://x/?a=1&b", "https://x\r\n"]
)
def test_only_plain_addresses_get_in(url: str) -> None:
    with pytest.raises(ValueError, match=re.escape(url[:6])):
        harmless_url(url)


@pytest.mark.parametrize("host", ["[fd00::1]", "hall_server"])
def test_ipv6_addresses_and_windows_names_get_in(host: str) -> None:
    assert harmless_url(f"https://{host}:8443/place/A_b-1")


def test_the_authority_inside_is_the_authority(authority: Authority) -> None:
    script = lines(scripts(authority).setup())
    text = [line.split(" echo ")[1] for line in script if "CCSS_PEM" in line and " echo " in line]
    assert text[0] == "-----BEGIN CERTIFICATE-----"
    assert text[-1] == "-----END CERTIFICATE-----"
    inside = x509.load_der_x509_certificate(base64.b64decode("".join(text[1:-1])))
    assert inside == authority.certificate
    # A digit before `>` would be a stream.
    assert all(
        line.startswith('>"%CCSS_PEM%"') or line.startswith('>>"%CCSS_PEM%"') for line in script if "-----" in line
    )
    assert any(line.startswith("certutil -addstore -f Root ") for line in script)


def test_whatever_is_put_is_put_back(authority: Authority) -> None:
    setup, undo = both(scripts(authority))
    put = [tuple(line.split()[2:4]) + (line.split()[4],) for line in setup if line.startswith("call :put ")]
    back = [tuple(line.split()[2:5]) for line in undo if line.startswith("call :put_back ")]
    assert put == back
    assert len(put) == len(set(put)) == 20
    values = [value for group in chromium_values(SECURE).values() for value in group] + firefox_values()
    assert {value.id for value in values} == {line[0] for line in put}
    assert sum("reg add" in line for line in setup) == 4  # the record: authority, power, before; and the value itself
    record = [line for line in undo if line.startswith("if ") and r'reg delete "HKLM\SOFTWARE\CCSS" /f' in line]
    assert len(record) == 1


def test_the_microphone_is_for_this_server_alone() -> None:
    for browser, values in chromium_values(SECURE).items():
        lists = {value.key.rsplit("\\", 1)[1]: value for value in values if value.kind == "REG_SZ"}
        assert set(lists) == {"AudioCaptureAllowedUrls", "AutoplayAllowlist"}, browser
        assert {value.value for value in lists.values()} == {SECURE}
        # A school's own list begins at 1.
        assert all(value.name.isdigit() and int(value.name) > 1000 for value in lists.values())


def test_the_schools_own_power_plan_is_only_left(authority: Authority) -> None:
    setup, undo = both(scripts(authority))
    change = next(at for at, line in enumerate(setup) if line.startswith("powercfg /change "))
    kept = next(at for at, line in enumerate(setup) if "/v Power " in line)
    ours = next(at for at, line in enumerate(setup) if line.startswith(f"powercfg /setactive {POWER_PLAN}"))
    assert kept < ours < change
    assert any(line.startswith("powercfg /setactive %CCSS_ACTIVE%") for line in undo)
    assert any(line.startswith(f"powercfg /delete {POWER_PLAN}") for line in undo)


def test_the_shortcut_carries_the_place(authority: Authority) -> None:
    setup, undo = both(scripts(authority))
    assert f'set "CCSS_URL={SECURE}/place/{SEAT}"' in setup
    made = {match for line in setup for match in re.findall(r"%PUBLIC%\\Desktop\\CCSS\.\w+", line)}
    gone = {match for line in undo if line.startswith("del ") for match in re.findall(r"%PUBLIC%\S+?\.\w+", line)}
    assert made == gone


def test_a_script_without_a_place_names_none(authority: Authority) -> None:
    general = SeatSetup("某校", authority.der, thumbprint(authority.certificate), SECURE, PLAIN)
    script = lines(general.setup())
    assert f'set "CCSS_URL={SECURE}/"' in script
    assert not any(line.startswith("echo 赛位 ") for line in script)
