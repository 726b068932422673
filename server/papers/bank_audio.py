"""Recordings of the task bank: read by a voice, recorded in the page, or handed in as a file."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

import anyio
from anyio import to_process, to_thread

from server.core.access import Permission, Principal
from server.core.authoring import DraftAudio
from server.core.errors import Conflict, Invalid, NotFound, Problem
from server.core.text import Text
from server.papers.bank import BankService, OpenTask
from server.papers.bank_schemas import Confirm, Speak, TaskView, VoicesView, VoiceView
from server.speech import registry
from server.speech.engines import SpeechError
from server.speech.workshop import Reading, Sound, read_aloud, take_in

MAX_AUDIO_BYTES = 30_000_000
RENDER_TIMEOUT_S = 300
DECODE_TIMEOUT_S = 60
QUEUE_S = 30
T = TypeVar("T")


class NoVoice(Problem):
    """No voice can speak on this machine."""

    status = 409
    code = "no-voice"
    title = Text(zh="这台服务器没有安装语音", en="No voice is installed on this server")


class SoundBusy(Problem):
    """Others' recordings are being worked on."""

    status = 503
    code = "sound-busy"
    title = Text(
        zh="服务器正在处理别人的录音，请过一会儿再试", en="Other recordings are being worked on: try again shortly"
    )
    retry = True


class StageRuns(Conflict):
    """A contest is being run: its machine has nothing to spare for rendering."""

    code = "stage-runs"
    title = Text(
        zh="有竞赛环节正在进行，不能合成语音或导入带录音的表格；请在环节结束后再试",
        en="A stage of a contest is running: wait until it is over",
    )


@dataclass(frozen=True, slots=True)
class BankAudio:
    """Sound is worked on one piece at a time, in a child process; nothing is rendered while a contest runs a stage."""

    bank: BankService
    voices_folder: Path
    contest_runs: Callable[[], Awaitable[bool]]
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def voices(self, who: Principal) -> VoicesView:
        """What can read aloud here; raises NotPermitted."""
        who.require(Permission.AUTHOR_TASKS)
        found = await to_thread.run_sync(registry.voices, self.voices_folder)
        reason = None if found else await to_thread.run_sync(registry.reason, self.voices_folder)
        return VoicesView(
            available=bool(found),
            reason=None if reason is None else _no_voice(reason),
            voices=tuple(VoiceView(id=voice.id, label=voice.label) for voice in found),
        )

    async def speak(self, who: Principal, task_id: str, part: str, body: Speak) -> TaskView:
        """Let a voice read a part; raises NotFound, NotPermitted, Invalid, Overtaken, NoVoice, StageRuns."""
        task = await self.bank.open(who, task_id)
        self.bank.expect(who, task, body.seen)
        script = task.author.script(task.draft, part)
        if await self.contest_runs():
            raise StageRuns
        if not (found := await self.voices(who)).available:
            raise NoVoice(found.reason)
        reading = Reading(
            opening=script.opening,
            text=script.reading,
            repeat=script.repeat,
            between_ms=script.between_ms,
            voice=body.voice,
            speed=body.speed,
            readings=body.readings,
        )
        sound = await self._worked(functools.partial(read_aloud, reading, str(self.voices_folder)), RENDER_TIMEOUT_S)
        audio = await self._kept(task, part, sound, "tts", body.readings)
        audio = audio.model_copy(update={"voice": body.voice, "speed": body.speed})
        return await self._save(who, task, part, body.seen, audio)

    async def hand_in(
        self,
        who: Principal,
        task_id: str,
        part: str,
        seen: int,
        data: bytes,
        *,
        source: Literal["recorded", "uploaded"],
        readings: int,
    ) -> TaskView:
        """A recording of a person; the file is kept as it came. Raises as `speak` does, but for voices."""
        task = await self.bank.open(who, task_id)
        self.bank.expect(who, task, seen)
        audio = await self.taken_in(task, part, data, source=source, readings=readings)
        return await self._save(who, task, part, seen, audio)

    async def taken_in(
        self, task: OpenTask, part: str, data: bytes, *, source: Literal["recorded", "uploaded"], readings: int
    ) -> DraftAudio:
        """A recording made fit for seats, with what was measured in it; raises Invalid for what is no sound."""
        sound = await self._worked(functools.partial(take_in, data, readings), DECODE_TIMEOUT_S)
        original = await self.bank.blobs.put(data)
        audio = await self._kept(task, part, sound, source, readings)
        return audio.model_copy(update={"original_sha256": original})

    async def confirm(self, who: Principal, task_id: str, part: str, body: Confirm) -> TaskView:
        """试听并确认, of the text as it stands now: raises NotFound where there is no recording, Overtaken."""
        task = await self.bank.open(who, task_id)
        audio = task.author.audio(task.draft, part)
        if audio is None:
            raise NotFound(Text(zh="这一条还没有录音", en="There is no recording yet"))
        said = task.author.text_sha256(task.draft, part) if body.confirmed else audio.text_sha256
        confirmed = audio.model_copy(update={"confirmed": body.confirmed, "text_sha256": said})
        return await self._save(who, task, part, body.seen, confirmed)

    async def remove(self, who: Principal, task_id: str, part: str, seen: int) -> TaskView:
        """Take the recording out of a part; raises Overtaken."""
        return await self._save(who, await self.bank.open(who, task_id), part, seen, None)

    async def file(self, who: Principal, task_id: str, part: str) -> Path:
        """The recording of a part (Ogg Opus); raises NotFound."""
        task = await self.bank.open(who, task_id)
        audio = task.author.audio(task.draft, part)
        if audio is None:
            raise NotFound
        return await self.bank.blobs.path(audio.sha256)

    async def _save(self, who: Principal, task: OpenTask, part: str, seen: int, audio: DraftAudio | None) -> TaskView:
        return await self.bank.save_draft(who, task, seen, task.author.with_audio(task.draft, part, audio))

    async def _kept(
        self, task: OpenTask, part: str, sound: Sound, source: Literal["tts", "recorded", "uploaded"], readings: int
    ) -> DraftAudio:
        return DraftAudio(
            sha256=await self.bank.blobs.put(sound.data),
            duration_ms=sound.duration_ms,
            source=source,
            readings=readings,
            peak_dbfs=sound.peak_dbfs,
            rms_dbfs=sound.rms_dbfs,
            clipped_samples=sound.clipped_samples,
            text_sha256=task.author.text_sha256(task.draft, part),
        )

    async def _worked(self, work: Callable[[], T], timeout_s: float) -> T:
        """The result of work in a child process, which is ended when it takes too long; raises Invalid."""
        try:
            async with asyncio.timeout(QUEUE_S):
                await self.lock.acquire()
        except TimeoutError as error:
            raise SoundBusy from error
        try:
            try:
                with anyio.fail_after(timeout_s):
                    return await to_process.run_sync(work, cancellable=True)
            except SpeechError as error:
                raise Invalid(_unfit(str(error))) from error
            except TimeoutError as error:
                raise Invalid(_unfit(f"took longer than {timeout_s:.0f} s")) from error
            except anyio.BrokenWorkerProcess as error:
                raise Invalid(_unfit("the file breaks the decoder")) from error
        finally:
            self.lock.release()


def _no_voice(reason: str) -> Text:
    return Text(
        zh=f"这台服务器没有安装语音，请技术人员运行 ccss voices install；也可以录音或上传录音文件（{reason}）",
        en=f"No voice is installed: run ccss voices install, or record or upload ({reason})",
    )


_SAID = {
    "the recording is silent": "录音里没有声音，请检查话筒是否静音、音量是否太小",
    "the recording is empty": "录音是空的，请重新录制或上传",
    "the recording is longer than 10 minutes": "录音超过 10 分钟，请分成几条",
    "the file holds no sound": "文件里没有声音，请上传 mp3、wav、m4a 或 amr 录音",
}


def _unfit(reason: str) -> Text:
    """What a speech engine or decoder said, in words that help; unknown reasons are quoted."""
    for said, zh in _SAID.items():
        if reason.startswith(said):
            return Text(zh=zh, en=reason)
    if "decode" in reason:
        return Text(
            zh="读不出这个文件，它不是录音或已损坏；请上传 mp3、wav、m4a 或 amr 录音",
            en=f"Can't read this file: {reason}",
        )
    return Text(zh=f"不能处理这条录音（{reason}）", en=f"Can't work on this recording: {reason}")
