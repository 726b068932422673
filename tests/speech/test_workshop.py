"""Sound made fit for seats: levels, silence, formats; and a real voice where it is installed."""

import os
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from av import AudioStream

from server.core.spoken import Segment
from server.speech import audio, registry
from server.speech.engines import SpeechError
from server.speech.ogg import opus_duration_ms
from server.speech.spoken import field
from server.speech.voices import FOLDER_VARIABLE
from server.speech.workshop import BETWEEN_MS, EDGE_MS, Reading, read_aloud, take_in
from tests.support.sound import RATE, tone, wav

VOICES = os.environ.get(FOLDER_VARIABLE, "")
pytestmark = pytest.mark.unit


def test_a_recording_is_trimmed_levelled_and_said_twice() -> None:
    spoken = np.concatenate([audio.silence(2_000, RATE), tone(3_000, 0.05), audio.silence(1_500, RATE)])
    made = take_in(wav(spoken), 2)
    expected = 2 * 3_000 + BETWEEN_MS + 2 * EDGE_MS
    assert abs(opus_duration_ms(made.data) - expected) < 200
    heard = audio.measure(*audio.decode(made.data))
    assert -4.5 < heard.peak_dbfs < -1.5
    assert heard.leading_silence_ms < EDGE_MS + 60
    assert abs(made.peak_dbfs - 20 * np.log10(0.05)) < 0.5
    once = take_in(wav(spoken), 1)
    assert abs(opus_duration_ms(once.data) - 3_000 - 2 * EDGE_MS) < 200


def test_equal_recordings_give_equal_bytes() -> None:
    assert take_in(wav(tone(1_000)), 2).data == take_in(wav(tone(1_000)), 2).data


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [
        ("mp3", "libmp3lame", 44_100),
        ("ipod", "aac", 44_100),
        ("webm", "libopus", 48_000),
        ("flac", "flac", 44_100),
        ("amr", "libopencore_amrnb", 8_000),
    ],
)
def test_other_formats_are_read(container: str, codec: str, rate: int, tmp_path: Path) -> None:
    path = tmp_path / "sound"
    with av.open(str(path), "w", format=container) as target:
        stream = cast(AudioStream, target.add_stream(codec, rate=rate))
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray((tone(2_000) * 32767).astype(np.int16).reshape(1, -1), "s16", "mono")
        frame.sample_rate = RATE
        resampler = av.AudioResampler(stream.format, "mono", rate, frame_size=stream.codec_context.frame_size or None)
        for one in (*resampler.resample(frame), *resampler.resample(None)):
            target.mux(stream.encode(one))
        target.mux(stream.encode(None))
    made = take_in(path.read_bytes(), 1)
    assert abs(made.duration_ms - 2_000 - 2 * EDGE_MS) < 250


def test_clipping_is_told_of_the_recording_as_it_was_handed_in() -> None:
    assert take_in(wav(np.clip(tone(1_000, 1.6), -1, 1)), 1).clipped_samples > 1_000
    assert take_in(wav(tone(1_000, 0.5)), 1).clipped_samples == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "cannot be decoded"),
        (b"no sound at all" * 50, "cannot be decoded"),
        (wav(np.zeros(RATE, dtype=np.float32)), "silent"),
        (wav(np.zeros(0, dtype=np.float32)), "empty|decoded|no sound"),
        (wav(tone(601_000, hz=20.0)), "longer than 10 minutes"),
    ],
    ids=["empty", "rubbish", "silent", "no-samples", "too-long"],
)
def test_what_is_no_recording_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(SpeechError, match=said):
        take_in(data, 1)


def test_an_unknown_voice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="no such voice"):
        registry.engine_of("nobody", tmp_path)


@pytest.mark.skipif(not VOICES, reason=f"{FOLDER_VARIABLE} names no voices; `make test` installs them")
@pytest.mark.parametrize("voice", ["zf_xiaoyi", "zm_yunxi"])
def test_a_real_voice_reads_a_card(voice: str, tmp_path: Path) -> None:
    for file in Path(VOICES).glob("*.*"):
        (tmp_path / file.name).symlink_to(file.resolve())
    text = [Segment("客户姓名，"), Segment("章文彬", pause_ms=400), *field("phone", "15428093617")]
    reading = Reading((), text, (Segment("再读一遍。", pause_ms=300),), 800, voice, 1.0, 2)
    sound = read_aloud(reading, str(tmp_path))
    assert 9_000 < sound.duration_ms < 26_000
    samples, rate = audio.decode(sound.data)
    heard = audio.measure(samples, rate)
    assert -4.5 < heard.peak_dbfs < -1.5
    assert -32 < heard.rms_dbfs < -12
    assert heard.clipped_samples == 0
    assert max(heard.leading_silence_ms, heard.trailing_silence_ms) < 400
    # Both readings are the same samples before encoding: their loudness in steps of 100 ms agrees.
    steps = np.abs(samples[: len(samples) // 4800 * 4800]).reshape(-1, 4800).max(axis=1)
    assert 0.25 < float(np.mean(steps > 0.03)) < 0.95
    again = read_aloud(reading, str(tmp_path))
    assert again.data == sound.data
    assert len(list((tmp_path / "rendered").iterdir())) == 1
