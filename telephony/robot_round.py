"""One robot's round, part by part: commands and, in step with them, what the media would report and carry."""

import random
from dataclasses import dataclass, field
from typing import Any

from server.core import media as m
from server.core.contract import RobotAct
from server.core.media import MediaReport, RobotSound
from telephony import desk, robot_texts
from telephony.content import (
    InboundPart,
    Line,
    OutboundPart,
    RequiredAct,
    RetellPart,
    SummaryPart,
    TelephonyContent,
    Turn,
)
from telephony.robot_voice import NAMES_ITSELF, RobotVoice, voice
from telephony.state import RETELL

_CHARACTER_MS = 120
_BETWEEN_MS = 1_500
_LEG_MS = 500
"""From a call's begin until sound can pass."""
_ALARM_MS = 3_000


@dataclass(slots=True)
class Round:
    """Built by `take`; `now_ms` is the net time reached, `pace` the share of the usual writing time."""

    content: TelephonyContent
    seed: int
    skill: float
    pace: float = 1.0
    acts: list[RobotAct] = field(default_factory=list)
    sounds: list[RobotSound] = field(default_factory=list)
    now_ms: int = 1_000
    _chance: random.Random = field(default_factory=random.Random)
    _voice: RobotVoice = field(default_factory=lambda: voice(0, 1.0))
    _named: bool = False
    _plays: int = 0

    def take(self) -> None:
        """Every part in order."""
        self._chance = random.Random(self.seed)
        self._voice = voice(self.seed, self.skill)
        for part in self.content.parts:
            self._act("open_part", part=part.id)
            self._plays = 0
            match part:
                case InboundPart():
                    self._inbound(part)
                case OutboundPart():
                    self._outbound(part)
                case RetellPart():
                    self._retell(part)
                case SummaryPart():
                    self._wait(8_000)
                    self._write(part.id, "summary", part.reference or part.source[: part.limit], "")
            self._wait(_BETWEEN_MS)

    # --- pieces --------------------------------------------------------------------------------------

    def _act(self, kind: str, /, **values: Any) -> None:
        self.acts.append(RobotAct(stage_ms=self.now_ms, command={"type": f"telephony.{kind}", **values}))

    def _wait(self, ms: int) -> None:
        self.now_ms += int(ms * self._chance.uniform(0.8, 1.2))

    def _report(self, call: str, report: MediaReport, after_ms: int = 0) -> None:
        self.sounds.append(RobotSound(stage_ms=self.now_ms + after_ms, call_id=call, report=report))

    def _write(self, part_id: str, slot: str, text: str, fallback: str) -> None:
        """A text in two saves, at the pace of typing."""
        typed = robot_texts.written(text, fallback, self._chance, self.skill)
        half = typed[: len(typed) // 2]
        for rev, saved in enumerate([half, typed] if half else [typed], start=1):
            self.now_ms += int(len(typed) / 2 * _CHARACTER_MS * self.pace * self._chance.uniform(0.9, 1.2)) + 200
            values = {"text": saved, "rev": rev, "largest_insert": min(4, len(saved))}
            self._act("save_field", item=part_id, field=slot, **values)

    def _hear(self, call: str, line: Line) -> None:
        """The other side says something, and is listened to."""
        self._plays += 1
        self._report(call, m.PlayBegan(n=self._plays), 40)
        self.now_ms += line.audio.duration_ms + 60
        self._report(call, m.PlayEnded(n=self._plays))

    def _speak(self, call: str, ms: int, opening: bool = False) -> int:
        """Speak for `ms`, or be silent for as long; returns what was said (ms)."""
        if not self._voice.files:
            self.now_ms += ms
            return 0
        names = opening and self._voice.kind == "names_itself" and not self._named
        file = NAMES_ITSELF if names else self._chance.choice(self._voice.files)
        self._named |= names
        self.sounds.append(
            RobotSound(
                stage_ms=self.now_ms,
                call_id=call,
                speaks=True,
                file=file,
                duration_ms=ms,
                gain_db=self._voice.gain_db,
            )
        )
        self._report(call, m.SpeechBegan(leg="seat"), 60)
        self.now_ms += ms
        self._report(call, m.SpeechEnded(leg="seat", spoken_ms=ms - 60, ago_ms=200), 200)
        return ms

    def _leg_up(self, call: str) -> None:
        self.now_ms += _LEG_MS
        self._report(call, m.LegUp(leg="seat", connection=1))

    def _leg_down(self, call: str) -> None:
        self._report(call, m.LegDown(leg="seat", connection=1), 100)

    # --- 呼入 ----------------------------------------------------------------------------------------

    def _inbound(self, part: InboundPart) -> None:
        call = f"{part.id}.1"
        self._leg_up(call)
        self._wait(2_000)
        self._act("answer", call=call)
        wanted = {required.act: required.target for turn in part.turns for required in turn.required}
        for number, turn in enumerate(part.turns):
            if turn.customer is not None:
                self._hear(call, turn.customer)
            for required in turn.required:
                if self._chance.random() < 0.4 + 0.6 * self.skill:
                    self._required(call, required)
            self._write(part.id, f"turn:{turn.id}", turn.reference, turn.hint)
            self._turn(call, part, turn, number == 0)
        self._wait(1_000)
        if "transfer" in wanted and self._chance.random() < self.skill and self.content.desk.transfers:
            target = wanted["transfer"]
            places = self.content.desk.transfers
            self._act("transfer", call=call, to=target if target in places else places[0])
        else:
            self._act("hang_up", call=call)
        self._leg_down(call)

    def _turn(self, call: str, part: InboundPart, turn: Turn, opening: bool) -> None:
        """Spoken once, or twice by a robot that slipped where the paper allows it."""
        self._wait(600)
        self._taken(call, turn.id, opening)
        again = self._chance.random() < (1 - self.skill) * 0.3
        if again and part.takes.retakes != 0:
            self._act("end_turn", call=call, again=True)
            self._wait(800)
            self._taken(call, turn.id, False)
        self._act("end_turn", call=call)

    def _taken(self, call: str, turn: str, opening: bool) -> None:
        self._act("start_take", call=call, turn=turn)
        clips = self._voice.kind == "clipped" and opening
        self.now_ms += 400
        spoken = self._speak(call, self._chance.randint(4_000, 7_000), opening)
        if not spoken:
            self._report(call, m.Trouble(kind="no_sound", began=True), _ALARM_MS - self.now_ms + self._last_act_ms())
        if clips:
            self._act("trouble", call=call, kind="clipping", began=True)
        self.now_ms += 600
        if clips:
            self._act("trouble", call=call, kind="clipping", began=False)
        if not spoken:
            self._report(call, m.Trouble(kind="no_sound", began=False))

    def _last_act_ms(self) -> int:
        return self.acts[-1].stage_ms

    def _required(self, call: str, required: RequiredAct) -> None:
        """An act that the case asks for; what a robot can't find it leaves."""
        self._wait(1_500)
        target = required.target
        record = desk.record_of(self.content, target)
        match required.act:
            case "search" | "article":
                self._article(target, required.act == "article")
            case "hold":
                self._act("hold", call=call, on=True)
                self._wait(3_000)
                self._act("hold", call=call, on=False)
            case "look_up" | "verify" | "suspend" | "change_address" | "after_sales" if record is not None:
                self._act("look_up", query=record.number)
                self._wait(1_200)
                self._act("open_record", id=record.id)
                self._wait(800)
                self._with_record(required.act, record.id, record.verify)
            case _:
                pass

    def _article(self, target: str, opens: bool) -> None:
        article = next((own for own in self.content.desk.articles if own.id == target), None)
        if article is None:
            return
        query = article.keywords[0] if article.keywords else article.title
        if all(hit.id != target for hit in desk.hits(self.content, query)):
            return
        self._act("search", query=query)
        if opens:
            self._wait(2_000)
            self._act("open_article", id=target)
            self._wait(3_000)
            self._act("open_article", id=None)

    def _with_record(self, act: str, record_id: str, verify: str) -> None:
        match act:
            case "verify" if verify:
                if self._chance.random() > self.skill:
                    self._act("verify", record=record_id, digits="0000")
                    self._wait(1_500)
                self._act("verify", record=record_id, digits=verify)
            case "suspend":
                self._act("suspend", record=record_id, on=True)
            case "change_address":
                self._act("change_address", record=record_id, address=f"演示市演示路 {self._chance.randint(10, 99)} 号")
            case "after_sales":
                self._act("after_sales", record=record_id, remark="客户要求售后跟进")
            case _:
                pass

    # --- 呼出 ----------------------------------------------------------------------------------------

    def _outbound(self, part: OutboundPart) -> None:
        for slot, text in robot_texts.script(part).items():
            self._write(part.id, f"script:{slot}", text, text)
        pairs = robot_texts.questions(part)
        least = min(part.faq_least, len(pairs))
        for number, (question, answer) in enumerate(pairs[: max(1, round(least * (0.4 + 0.7 * self.skill)))], start=1):
            self._write(part.id, f"faq:{number}:q", question, question)
            self._write(part.id, f"faq:{number}:a", answer, answer)
        if self._chance.random() < self.skill:
            self._act(
                "register",
                part=part.id,
                name=part.persona.name,
                id_number=robot_texts.id_number(part, self._chance),
                package=part.packages[0].id,
            )
        self._wait(2_000)
        call = f"{part.id}.1"
        self._act("dial", part=part.id)
        self._leg_up(call)
        ends_ms = self.now_ms + part.call_ms - 5_000
        if part.other_side == "simulated":
            self._dialog(call, part, ends_ms)
        elif part.other_side == "record_only":
            for number in range(6):
                self._speak(call, min(8_000, max(0, ends_ms - self.now_ms)), number == 0)
                self._wait(1_500)
        else:
            self._wait(15_000)
        self._act("hang_up", call=call)
        self._leg_down(call)

    def _dialog(self, call: str, part: OutboundPart, ends_ms: int) -> None:
        """The opening, every line with its reply, the ending with a goodbye; silence is nudged, then hung up on."""
        persona = part.persona
        self._hear(call, persona.opening)
        if not self._voice.files:
            for nudge in persona.nudges:
                self.now_ms += persona.patience_ms
                self._hear(call, nudge)
            self.now_ms += persona.patience_ms
            self._hear(call, persona.impatient)
            self.now_ms += 500
            return
        answered = 0
        for number, line in enumerate((*persona.lines, None)):
            counts = self._reply(call, part, number == 0)
            answered += counts and number > 0
            if line is None or self.now_ms + line.audio.duration_ms + 15_000 > ends_ms:
                break
            self._hear(call, line)
        registered = any(a.command["type"] == "telephony.register" and a.command["part"] == part.id for a in self.acts)
        rule = persona.rule
        deal = answered >= rule.deal_replies and (registered or not rule.deal_registered)
        outcome: m.DialogOutcome = "deal" if deal else "interest" if answered >= rule.interest_replies else "refusal"
        self._hear(call, persona.endings[outcome])
        self.now_ms += 500
        self._speak(call, 1_500)
        self.now_ms += 800

    def _reply(self, call: str, part: OutboundPart, opening: bool) -> bool:
        """A reply, ended by the key; whether it is long enough to count."""
        self.now_ms += 500
        fluent = self._chance.random() < self._voice.fluency
        least = part.persona.rule.reply_ms
        ms = max(least + 500, self._chance.randint(4_000, 8_000)) if fluent else max(300, least // 2)
        self._speak(call, ms, opening)
        self.now_ms += 400
        self._act("end_turn", call=call)
        return fluent and ms - 60 >= least

    # --- 复述 ----------------------------------------------------------------------------------------

    def _retell(self, part: RetellPart) -> None:
        call = f"{part.id}.1"
        self._wait(1_000)
        self._act("dial", part=part.id)
        self._leg_up(call)
        self._hear(call, part.source)
        self._wait(3_000)
        self._taken(call, RETELL, False)
        self._act("end_turn", call=call)
        self._wait(800)
        self._act("hang_up", call=call)
        self._leg_down(call)
