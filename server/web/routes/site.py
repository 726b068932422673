"""Who I am, log-in and log-out, health."""

from fastapi import APIRouter, Request, Response

from server.core.access import ROLE_TITLES, Principal, Role
from server.core.errors import LoginRequired, NotFound, Problem
from server.core.text import Text
from server.version import VERSION
from server.web.context import COOKIE, Served, Who, principal_of
from server.web.schemas import DemoLogIn, DemoRole, Health, LogIn, SiteView

router = APIRouter(tags=["site"])
health = APIRouter(tags=["health"])
demo = APIRouter(tags=["demo"])

_DEMO_TEXTS = {
    Role.CONTESTANT: Text(
        zh="坐到练习赛位：听录音、录入客户信息、交卷，逐字查看得分依据。",
        en="Sit at the practice seat: listen, type the customer's data, hand in, see every character explained.",
    ),
    Role.TRAINER: Text(
        zh="带班上课：选题、开始、看谁需要帮助、下课后在投影上讲评。",
        en="Teach a class: choose items, start, see who needs help, show the results on the projector.",
    ),
    Role.CHIEF_REFEREE: Text(
        zh="指挥全场：待命、开始、暂停、补时、收卷，看所有赛位的实时状态。",
        en="Run the hall: arm, start, pause, grant time, close, with every place live on the board.",
    ),
    Role.SCORING_REFEREE: Text(
        zh="按作品号查看作品：系统评分与计算过程、录音、标准答案，看不到任何选手信息。",
        en="Works by code: the system's marks with their working, recordings, the key; nothing about anybody.",
    ),
    Role.SUPERVISOR: Text(
        zh="作为第二人确认不能撤销的指令，查看全部操作记录。",
        en="Confirm as the second person what can't be undone; read every act of the staff.",
    ),
    Role.TECHNICIAN: Text(
        zh="看赛位在线与故障，处理求助，把选手换到备用赛位。",
        en="Watch places and faults, answer raised hands, move contestants to spare places.",
    ),
    Role.ORGANISER: Text(
        zh="导入参赛名单、排日程、排赛位、管理人员和试卷。",
        en="Import the roster, plan timetable and places, manage people and papers.",
    ),
    Role.TASK_AUTHOR: Text(
        zh="在题库中编写题目、录音或合成语音，存为版本，组成试卷。",
        en="Write tasks in the task bank, record or render them, save versions, make papers.",
    ),
    Role.AUDIENCE: Text(
        zh="大屏：当前环节与倒计时，不显示任何选手信息。",
        en="The projector: stage and count-down, nothing about anybody.",
    ),
}


async def take_over(request: Request, response: Response, services: Served, token: str) -> None:
    """Give the browser its new log-in; the one before it ends, with every page open under it."""
    if before := request.cookies.get(COOKIE):
        await services.accounts.log_out(before)
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, path="/")


@router.get("/site")
async def site(request: Request, services: Served) -> SiteView:
    """What the first page shows."""
    try:
        me: Principal | None = await principal_of(request)
    except LoginRequired:
        me = None
    is_demo = services.settings.profile == "demo"
    roles = (
        tuple(DemoRole(role=role, title=ROLE_TITLES[role], description=text) for role, text in _DEMO_TEXTS.items())
        if is_demo
        else ()
    )
    return SiteView(
        profile=services.settings.profile,
        site_name=services.settings.site_name,
        version=VERSION,
        me=me,
        demo_roles=roles,
    )


@router.get("/me")
async def me(who: Who) -> Principal:
    """Who is logged in."""
    return who


@router.post("/sessions", status_code=201)
async def log_in(body: LogIn, request: Request, response: Response, services: Served) -> Principal:
    """Log in with account and password."""
    address = request.client.host if request.client else ""
    who, token = await services.accounts.log_in(body.login_name, body.password, address)
    await take_over(request, response, services, token)
    return who


@router.delete("/sessions/current", status_code=204)
async def log_out(request: Request, response: Response, services: Served) -> None:
    """Log out; harmless when nobody is logged in."""
    if token := request.cookies.get(COOKIE):
        await services.accounts.log_out(token)
    response.delete_cookie(COOKIE, path="/")


@demo.post("/demo/sessions", status_code=201)
async def demo_log_in(body: DemoLogIn, request: Request, response: Response, services: Served) -> Principal:
    """One-click log-in; this route exists in the demo profile only."""
    who = await services.accounts.first_of_role(body.role)
    if who is None:
        raise NotFound(Text(zh="演示中没有这个角色", en="The demo has no such role"))
    await take_over(request, response, services, await services.accounts.open_login(who))
    return who


@health.get("/healthz")
async def healthz() -> Health:
    """The process answers."""
    return Health(status="ok", version=VERSION, parts={})


class NotReady(Problem):
    """A part of the server does not work."""

    status = 503
    code = "not-ready"
    title = Text(zh="服务尚未就绪", en="Not ready")
    retry = True


@health.get("/readyz")
async def readyz(services: Served) -> Health:
    """The database answers and the attempts are being served; how many media workers can be spoken to.

    Without media ("off", or "away" until one is back) everything but calls works, so that is no reason to fail.
    """
    await services.journal.last_heartbeat_ms()
    if not services.runner.alive():
        raise NotReady(Text(zh="作答服务没有运行", en="The attempt runner is not running"))
    media = services.calls.standing()
    said = "off" if not media.wanted else "away" if media.away else f"{media.joined}/{media.wanted}"
    return Health(status="ok", version=VERSION, parts={"database": "ok", "attempts": "ok", "media": said})
