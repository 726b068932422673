"""What a voice page is refused, each with what to do instead."""

from server.core.contract import Refusal
from server.core.text import Text


class UnknownPart(Refusal):
    """The command names something that this paper does not have."""

    code = "telephony-unknown-part"
    title = Text(
        zh="试卷中没有这一部分或字段，请刷新页面后再试", en="No such part or field in this paper: reload the page"
    )


class NoSuchCall(Refusal):
    """The call is over, or was never made."""

    code = "telephony-no-such-call"
    title = Text(zh="这通电话已经结束，请继续做其他内容", en="This call is over: go on with the rest")


class NotNow(Refusal):
    """The call is in another phase; `detail` says which act comes first."""

    code = "telephony-not-now"
    title = Text(
        zh="通话到这一步还不能进行这一操作，请按页面提示继续",
        en="Not possible at this point of the call: follow the page",
    )


class LineBusy(Refusal):
    """Another call is up."""

    code = "telephony-line-busy"
    title = Text(zh="另一通电话还没有挂机，请先挂机", en="Another call is up: hang up first")


class DialsUsedUp(Refusal):
    """The paper allows no further call in this part."""

    code = "telephony-dials-used-up"
    title = Text(zh="这一部分的拨打次数已用完，请继续做其他内容", en="No further call is allowed in this part: go on")


class ReplaysUsedUp(Refusal):
    """The customer's line, or the source of a retell, was heard as often as the paper allows."""

    code = "telephony-replays-used-up"
    title = Text(
        zh="重听次数已用完，请根据已听到的内容作答", en="It was played as often as allowed: answer by what you heard"
    )


class RetakesUsedUp(Refusal):
    """The turn was spoken as often as the paper allows."""

    code = "telephony-retakes-used-up"
    title = Text(zh="重录次数已用完，请直接说完这一轮", en="No further recording of this turn is allowed")


class NotFoundYet(Refusal):
    """An article or a record can be opened, and worked with, only after it was found."""

    code = "telephony-not-found-yet"
    title = Text(zh="请先查询并打开这条内容", en="Search for it and open it first")


class NothingToVerify(Refusal):
    """The record holds nothing to check by."""

    code = "telephony-nothing-to-verify"
    title = Text(
        zh="这条记录没有可核对的后四位，请看是否应核对另一条", en="Nothing to check here: is it the right record?"
    )


class AddressMissing(Refusal):
    """A blank address."""

    code = "telephony-address-missing"
    title = Text(zh="请填写新的地址", en="Fill in the new address")


class NotRegistered(Refusal):
    """The registration can't be taken; `detail` says what is wrong with it."""

    code = "telephony-not-registered"
    title = Text(zh="注册信息有误，请核对后重新填写", en="The registration is wrong: check it and fill it in anew")
