"""What a chat page is refused, each with what to do instead."""

from server.core.contract import Refusal
from server.core.text import Text


class NoNickname(Refusal):
    """Customers are served under a 花名."""

    code = "chat-no-nickname"
    title = Text(zh="请先起花名，再接待客户", en="Choose a nickname first")


class NicknameFaulty(Refusal):
    """Blank, or too long."""

    code = "chat-nickname-faulty"
    title = Text(zh="花名应为 1 至 20 个字，请重新填写", en="A nickname has 1 to 20 characters: fill it in again")


class NicknameFixed(Refusal):
    """A customer knows the 花名 already."""

    code = "chat-nickname-fixed"
    title = Text(
        zh="已经向客户发送过消息，花名不能再改，请继续接待", en="Customers know your nickname already: it stays"
    )


class NoSuchConversation(Refusal):
    """No customer of this id has come."""

    code = "chat-no-such-conversation"
    title = Text(zh="没有这个会话，请从会话列表中选择", en="No such conversation: choose one of the list")


class NotAccepted(Refusal):
    """The customer waits in the queue."""

    code = "chat-not-accepted"
    title = Text(zh="请先接入这位客户，再回复", en="Accept this customer first")


class ConversationOver(Refusal):
    """The conversation has ended."""

    code = "chat-conversation-over"
    title = Text(
        zh="这个会话已经结束，内容没有发出；请继续接待其他客户", en="This conversation is over: nothing was sent"
    )


class DeskFull(Refusal):
    """As many are open as the task allows."""

    code = "chat-desk-full"
    title = Text(
        zh="同时接待的客户数已达上限，请先结束一个会话再接入", en="As many are open as allowed: close one first"
    )


class MessageBlank(Refusal):
    """Nothing to be read."""

    code = "chat-message-blank"
    title = Text(zh="消息没有内容，请输入后再发送", en="The message is blank: write something")


class MessageTooLong(Refusal):
    """Longer than the task allows; the page keeps the text."""

    code = "chat-message-too-long"
    title = Text(zh="消息太长，请缩短或分成几条发送", en="The message is too long: shorten or split it")


class TooFast(Refusal):
    """More messages than a person writes."""

    code = "chat-too-fast"
    title = Text(zh="发送过快，请稍候几秒再发送", en="Too many messages at once: wait a few seconds")


class NoSuchCanned(Refusal):
    """Canned phrases are not allowed, or there is none of this id."""

    code = "chat-no-such-canned"
    title = Text(zh="本任务没有这条快捷短语，请直接输入", en="No such canned phrase here: type the text")


class NoSuchProduct(Refusal):
    """The shop does not have it."""

    code = "chat-no-such-product"
    title = Text(zh="店铺没有这件商品，请从商品列表中选择", en="No such product: choose one of the list")


class OrderWaiting(Refusal):
    """The customer has an order that is not paid."""

    code = "chat-order-waiting"
    title = Text(
        zh="这位客户还有一张待付款的订单，请等客户付款，或先取消它", en="An order waits to be paid: wait, or cancel it"
    )


class OrderFaulty(Refusal):
    """The order form, or the basket, can't be taken; `detail` says what is wrong with it."""

    code = "chat-order-faulty"
    title = Text(zh="订单有误，请修改后再试", en="Something is wrong with the order: mend it")


class NoSuchOrder(Refusal):
    """No order of this id was sent."""

    code = "chat-no-such-order"
    title = Text(zh="没有这张订单，请核对订单号", en="No such order: check its number")


class OrderNotOpen(Refusal):
    """It is paid, or over."""

    code = "chat-order-not-open"
    title = Text(zh="这张订单已付款或已结束，不能取消", en="This order is paid or over: it can't be cancelled")


class NotFoundYet(Refusal):
    """An article can be opened only after it was found."""

    code = "chat-not-found-yet"
    title = Text(zh="请先在知识库中搜索到这篇文章再打开", en="Search for the article first")


class NoSuchPicture(Refusal):
    """The message brought none."""

    code = "chat-no-such-picture"
    title = Text(zh="这条消息没有图片", en="This message has no picture")
