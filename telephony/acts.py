"""Acts at the desk and in calls, as a history tells them: their names, and whether a required one was done."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.core.text import Text
from telephony import events as e
from telephony.content import DeskAct, RequiredAct, TelephonyContent

TITLES: dict[DeskAct, Text] = {
    "search": Text(zh="搜索知识库", en="Searched the knowledge base"),
    "article": Text(zh="打开文章", en="Opened an article"),
    "look_up": Text(zh="查询业务记录", en="Looked records up"),
    "verify": Text(zh="核对后四位", en="Checked the last four digits"),
    "suspend": Text(zh="暂缓单", en="Suspended a record"),
    "change_address": Text(zh="修改地址", en="Changed an address"),
    "register": Text(zh="会员注册", en="Registered a member"),
    "hold": Text(zh="保持", en="Hold"),
    "transfer": Text(zh="转接", en="Transfer"),
    "after_sales": Text(zh="转接售后", en="Handed to after-sales"),
}


@dataclass(frozen=True, slots=True)
class Act:
    """One act: what it reached (ids, and names where there are), whether it was right where that is known."""

    act: DeskAct
    call: str
    title: Text
    targets: tuple[str, ...]
    right: bool | None = None
    undoes: bool = False
    """It takes an earlier act of this kind back."""


def act_of(content: TelephonyContent, event: e.VoiceEvent) -> Act | None:
    """The act that an event tells of; None for what is no act, or only ends one."""
    match event:
        case e.KnowledgeSearched(query=query, hits=hits) if query:
            return _act("search", event.call, f"“{query}”，{len(hits)} 条结果", hits)
        case e.ArticleOpened(article=str(article)):
            titles = {own.id: own.title for own in content.desk.articles}
            return _act("article", event.call, titles.get(article, article), (article,))
        case e.RecordsLookedUp(query=query, hits=hits) if query:
            return _act("look_up", event.call, f"“{query}”，{len(hits)} 条结果", hits)
        case e.Verified():
            said = f"{_number(content, event.record)}：{event.digits}，{'一致' if event.right else '不一致'}"
            return _act("verify", event.call, said, (event.record,), event.right)
        case e.Suspended(on=on):
            said = _number(content, event.record) + ("" if on else "（取消）")
            return replace(_act("suspend", event.call, said, (event.record,)), undoes=not on)
        case e.AddressChanged():
            said = f"{_number(content, event.record)}：{event.address}"
            return _act("change_address", event.call, said, (event.record,))
        case e.AfterSalesAsked():
            remark = f"：{event.remark}" if event.remark else ""
            return _act("after_sales", event.call, _number(content, event.record) + remark, (event.record,))
        case e.MemberRegistered():
            return _act("register", event.call, f"{event.name}，{event.package}", (event.package,))
        case e.Held(on=True):
            return _act("hold", event.call, "", ())
        case e.CallEnded(by="transfer", to=to):
            return _act("transfer", event.call, to, (to,))
        case _:
            return None


def _act(act: DeskAct, call: str, said: str, targets: tuple[str, ...], right: bool | None = None) -> Act:
    title = TITLES[act]
    shown = Text(zh=f"{title.zh}：{said}", en=f"{title.en}: {said}") if said else title
    return Act(act=act, call=call, title=shown, targets=targets, right=right)


def _number(content: TelephonyContent, record_id: str) -> str:
    return next((record.number for record in content.desk.records if record.id == record_id), record_id)


def done(required: RequiredAct, acts: Sequence[Act]) -> bool:
    """Whether a required act was done; a check of digits must have been right, what was taken back doesn't count."""
    standing: dict[tuple[str, ...], bool] = {}
    for act in acts:
        if act.act != required.act or act.right is False:
            continue
        if required.target in act.targets or (not required.target and (act.targets or act.act == "hold")):
            standing[act.targets] = not act.undoes
    return any(standing.values())
