"""Commands of the core itself, the same for every module."""

from typing import Annotated, Literal

from pydantic import Field

from server.core.contract import Command
from server.core.devices import DeviceReport


class AcknowledgeRules(Command):
    """我已阅读并遵守."""

    type: Literal["acknowledge_rules"]


class Start(Command):
    """Begin the working time; in practice the trainee's own act."""

    type: Literal["start"]


class Resume(Command):
    """Go on after an outage; in practice the trainee's own act."""

    type: Literal["resume"]


class RaiseHand(Command):
    """求助."""

    type: Literal["raise_hand"]


class LowerHand(Command):
    """Help is no longer needed."""

    type: Literal["lower_hand"]


class ReadAnnouncement(Command):
    """我知道了."""

    type: Literal["read_announcement"]
    announcement_id: str = Field(min_length=1, max_length=26)


class DeviceCheck(Command):
    """设备测试."""

    type: Literal["device_check"]
    report: DeviceReport


class HandIn(Command):
    """交卷: by the contestant, or by the page at the end of the time."""

    type: Literal["hand_in"]
    cause: Literal["handed_in", "time_up"]


CoreCommand = Annotated[
    AcknowledgeRules | Start | Resume | RaiseHand | LowerHand | ReadAnnouncement | DeviceCheck | HandIn,
    Field(discriminator="type"),
]
