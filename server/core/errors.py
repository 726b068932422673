"""Refusals that people meet, as RFC 9457 problems: one class each, with its status, code and texts."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from server.core.frozen import Frozen
from server.core.text import Text


class Problem(Exception):
    """Base of all refusals; `detail` says what, where and how to mend it, `retry` whether repeating can help."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[Text] = Text(zh="服务器内部错误", en="Internal error")
    retry: ClassVar[bool] = False

    def __init__(self, detail: Text | None = None, **extra: Any) -> None:
        self.detail = detail or self.title
        self.extra: Mapping[str, Any] = extra
        super().__init__(f"{self.code}: {self.detail.en or self.detail.zh}")

    def body(self, request_id: str, language: str = "zh-CN") -> dict[str, Any]:
        """The problem+json members (RFC 9457 section 3.1, with code, request_id and retry as extensions)."""
        return {
            "type": f"/problems/{self.code}",
            "title": self.title.inside(language),
            "status": self.status,
            "detail": self.detail.inside(language),
            "code": self.code,
            "request_id": request_id,
            "retry": self.retry,
            **self.extra,
        }


class ProblemBody(Frozen):
    """The shape of every refusal over HTTP and /ws (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    retry: bool
    faults: tuple["Fault", ...] = ()


class Fault(Frozen):
    """One thing wrong in what was handed in: where (a path), what, and how grave."""

    path: str
    text: Text
    severe: bool = True


def faults_of(found: Iterable[Mapping[str, Any]]) -> list[Fault]:
    """What pydantic's `errors()` lists, one fault a place."""
    return [
        Fault(path=".".join(str(part) for part in error["loc"]), text=Text(zh=error["msg"], en=error["msg"]))
        for error in found
    ]


class NotFound(Problem):
    """It does not exist, or is not the asker's to see."""

    status = 404
    code = "not-found"
    title = Text(zh="没有找到", en="Not found")


class LoginRequired(Problem):
    """No valid log-in came with the request."""

    status = 401
    code = "login-required"
    title = Text(zh="请先登录", en="Please log in")


class LoginFailed(Problem):
    """Name and password do not belong together."""

    status = 401
    code = "login-failed"
    title = Text(zh="账号或密码不正确", en="Wrong account or password")


class NotPermitted(Problem):
    """Logged in, but this role may not do that."""

    status = 403
    code = "not-permitted"
    title = Text(zh="没有权限进行此操作", en="Not permitted")


class Invalid(Problem):
    """The payload breaks its schema; `faults` lists every place."""

    status = 422
    code = "invalid"
    title = Text(zh="提交的内容不符合要求", en="Invalid content")


class TooLarge(Problem):
    """More than the limit was sent."""

    status = 413
    code = "too-large"
    title = Text(zh="内容超过大小限制", en="Content too large")


class TooMany(Problem):
    """Too many requests in a short time."""

    status = 429
    code = "too-many"
    title = Text(zh="操作过于频繁，请稍后再试", en="Too many requests, try again shortly")
    retry = True


class Conflict(Problem):
    """The act does not fit the present state."""

    status = 409
    code = "conflict"
    title = Text(zh="当前状态下不能进行此操作", en="Not possible in the present state")


class Overtaken(Problem):
    """Somebody else acted after the asker last looked; nothing was done."""

    status = 409
    code = "overtaken"
    title = Text(
        zh="其他人刚刚进行了操作，画面已更新，请核对后再操作",
        en="Somebody else has just acted; look at the renewed picture before you go on",
    )


class StaleLease(Problem):
    """Another page or place has taken over this attempt (a later lease epoch exists)."""

    status = 410
    code = "stale-lease"
    title = Text(
        zh="本次作答已在另一个页面打开，此页面不再保存",
        en="This attempt is open elsewhere; this page no longer saves",
    )


class StageClosed(Problem):
    """The attempt is closed: what comes now is kept as late evidence only."""

    status = 423
    code = "stage-closed"
    title = Text(zh="本环节已结束，不能再作答", en="This stage is closed")


class StagePaused(Problem):
    """The attempt is paused; the page keeps what it has and sends it again when the work goes on."""

    status = 423
    code = "stage-paused"
    title = Text(zh="本环节已暂停，请等待继续", en="This stage is paused")
    retry = True


class StageNotRunning(Problem):
    """The attempt has not started."""

    status = 423
    code = "stage-not-running"
    title = Text(zh="本环节尚未开始", en="This stage has not started")


class DiskFull(Problem):
    """Nothing could be written; nothing acknowledged is lost, and the sender keeps what it sent."""

    status = 507
    code = "disk-full"
    title = Text(
        zh="服务器磁盘已满，内容暂存在本机，请不要关机并举手",
        en="Server disk full; your work is kept on this machine",
    )
    retry = True


class StorageFailed(Problem):
    """The database refused the write for another reason than space."""

    status = 503
    code = "storage-failed"
    title = Text(zh="服务器暂时无法保存，正在重试", en="The server can't save just now, retrying")
    retry = True


class BlobDamaged(Problem):
    """A stored file no longer matches its SHA-256, or is missing."""

    status = 503
    code = "blob-damaged"
    title = Text(
        zh="文件已损坏或缺失，请举手告知技术人员",
        en="The file is damaged or missing; please call a technician",
    )
