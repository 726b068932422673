"""The shipped recordings are the ones that the papers name, few, small, and plausible."""

import hashlib
from pathlib import Path

import pytest

from server.speech import audio
from server.speech.ogg import opus_duration_ms
from telephony.demo import render, script

pytestmark = pytest.mark.unit

LARGEST_TOTAL_BYTES = 3_000_000
SAID = {said.audio["file"]: said for name in (*script.PAPERS, script.ROBOTS) for said in script.said(script.load(name))}
each_recording = pytest.mark.parametrize("file", sorted(SAID))


@each_recording
def test_the_recording_is_the_one_named(file: str) -> None:
    facts = SAID[file].audio
    data = (script.FOLDER / file).read_bytes()
    assert hashlib.sha256(data).hexdigest() == facts["sha256"]
    assert opus_duration_ms(data) == facts["duration_ms"]


@each_recording
def test_a_second_has_as_many_words_as_a_person_says(file: str) -> None:
    said = SAID[file]
    characters = sum(len(segment.text) for segment in script.segments(said.text))
    fastest, slowest = render.MS_PER_CHARACTER
    assert fastest <= said.audio["duration_ms"] / characters <= slowest


def test_nothing_lies_there_that_no_paper_names() -> None:
    files = {f"audio/{path.name}" for path in (script.FOLDER / "audio").iterdir()}
    assert files == set(SAID)
    assert sum((script.FOLDER / file).stat().st_size for file in files) <= LARGEST_TOTAL_BYTES


def test_every_reading_given_is_needed() -> None:
    texts = [said.text for said in SAID.values()]
    assert [phrase for phrase in script.readings() if not any(phrase in text for text in texts)] == []


def test_robots_speak_well_or_mumble_or_name_themselves() -> None:
    robots = script.load(script.ROBOTS)
    assert set(robots) == {
        "robot_good1",
        "robot_good2",
        "robot_good3",
        "robot_middling",
        "robot_poor",
        "robot_names_itself",
    }
    assert {"演示学校", "参赛证号"} <= {
        word for word in ("演示学校", "参赛证号") if word in robots["robot_names_itself"]["text"]
    }
    per_character = {
        name: said["audio"]["duration_ms"] / len(said["text"])
        for name, said in robots.items()
        if name != "robot_names_itself"
    }
    assert max(per_character, key=lambda name: per_character[name]) == "robot_poor"
    assert per_character["robot_middling"] > max(per_character[f"robot_good{n}"] for n in (1, 2, 3))


def test_who_mumbles_has_little_above_two_kilohertz() -> None:
    shares = {name: _share_above(2_000, script.FOLDER / f"audio/{name}.opus") for name in ("robot_good1", "robot_poor")}
    assert shares["robot_poor"] < 0.02 < shares["robot_good1"]


def test_check_finds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert render.main(["--check"]) == 0
    assert "in order" in capsys.readouterr().out


def test_check_names_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*script.PAPERS, script.ROBOTS, "readings"):
        (tmp_path / f"{name}.json").write_bytes(script.path(name).read_bytes())
    (tmp_path / "audio").mkdir()
    for file in SAID:
        (tmp_path / file).write_bytes((script.FOLDER / file).read_bytes())
    (tmp_path / "audio/in_t01.opus").write_bytes((script.FOLDER / "audio/in_t02.opus").read_bytes())
    (tmp_path / "audio/rt_src.opus").unlink()
    monkeypatch.setattr(script, "FOLDER", tmp_path)
    found = list(render.check())
    assert "contest audio/in_t01.opus: the sha256 is another" in found
    assert "lesson audio/rt_src.opus: is missing" in found


def _share_above(hertz: float, file: Path) -> float:
    import numpy as np

    samples, rate = audio.decode(file)
    power = np.abs(np.fft.rfft(samples)) ** 2
    return float(power[np.fft.rfftfreq(len(samples), 1 / rate) > hertz].sum() / power.sum())
