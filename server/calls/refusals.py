"""What calls refuse beside the refusals of the media port."""

from typing import ClassVar

from server.core.errors import Problem
from server.core.text import Text


class RoleTaken(Problem):
    """Somebody else plays the customer of this call."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "role-taken"
    title: ClassVar[Text] = Text(
        zh="已有其他人扮演这通电话的客户，请选择另一通",
        en="Somebody else plays this call's customer; choose another one",
    )


class NothingToHear(Problem):
    """The place has no call up."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "no-call-up"
    title: ClassVar[Text] = Text(zh="该赛位此刻没有通话，不能监听", en="No call is up there: nothing to listen to")
