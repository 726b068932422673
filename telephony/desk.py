"""知识库 and 业务系统: what is looked for, found and done there."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta, timezone

from server.core.contract import Refusal
from server.core.phases import Moment
from server.core.text import Text
from server.knowledge.articles import Entry, Hit
from server.knowledge.search import search
from telephony import commands as c
from telephony import events as e
from telephony import idcard, records
from telephony.content import OutboundPart, Record, TelephonyContent
from telephony.refusals import AddressMissing, NotFoundYet, NothingToVerify, NotRegistered, UnknownPart
from telephony.state import RecordState
from telephony.telling import Telling

_CHINA = timezone(timedelta(hours=8))
MOST_MEMBERS = 20
"""Members that can be registered in one part."""

DeskCommand = (
    c.Search
    | c.OpenArticle
    | c.LookUp
    | c.OpenRecord
    | c.Verify
    | c.Suspend
    | c.ChangeAddress
    | c.AfterSales
    | c.Register
)


def hits(content: TelephonyContent, query: str, among: Collection[str] | None = None) -> list[Hit]:
    """Articles that a search finds, best first; of those `among` these ids, which were found by it before."""
    return search(
        query,
        (
            Entry(id=article.id, title=article.title, body=article.body, keywords=article.keywords)
            for article in content.desk.articles
            if among is None or article.id in among
        ),
    )


def act(telling: Telling, command: DeskCommand) -> Refusal | None:
    """An act at the desk; events wait in `telling`. Returns the refusal, if any."""
    up = telling.state.call_up()
    call, now_ms = "" if up is None else up.call_id, telling.at.stage_ms
    desk = telling.state.desk
    match command:
        case c.Search():
            found = tuple(hit.id for hit in hits(telling.content, command.query))
            telling.add(e.KnowledgeSearched(call=call, stage_ms=now_ms, query=command.query, hits=found))
        case c.OpenArticle():
            if command.id is not None and command.id not in desk.found_articles:
                return NotFoundYet()
            if command.id != desk.article:
                telling.add(e.ArticleOpened(call=call, stage_ms=now_ms, article=command.id))
        case c.LookUp():
            found = records.look_up(command.query, telling.content.desk.records)
            telling.add(e.RecordsLookedUp(call=call, stage_ms=now_ms, query=command.query, hits=found))
        case c.OpenRecord():
            if command.id is not None and command.id not in desk.found_records:
                return NotFoundYet()
            if command.id != desk.record:
                telling.add(e.RecordOpened(call=call, stage_ms=now_ms, record=command.id))
        case c.Register():
            return _register(telling, command, call)
        case _:
            return _with_record(telling, command, call)
    return None


def _with_record(
    telling: Telling, command: c.Verify | c.Suspend | c.ChangeAddress | c.AfterSales, call: str
) -> Refusal | None:
    desk, now_ms = telling.state.desk, telling.at.stage_ms
    record = record_of(telling.content, command.record)
    if record is None or record.id not in desk.opened_records:
        return NotFoundYet()
    done = desk.records.get(record.id, RecordState())
    match command:
        case c.Verify():
            if not record.verify:
                return NothingToVerify()
            right = command.digits.upper() == record.verify.upper()
            telling.add(e.Verified(call=call, stage_ms=now_ms, record=record.id, digits=command.digits, right=right))
        case c.Suspend():
            if done.suspended != command.on:
                telling.add(e.Suspended(call=call, stage_ms=now_ms, record=record.id, on=command.on))
        case c.ChangeAddress():
            address = command.address.strip()
            if not address:
                return AddressMissing()
            if address != (record.address if done.address is None else done.address):
                telling.add(e.AddressChanged(call=call, stage_ms=now_ms, record=record.id, address=address))
        case c.AfterSales():
            remark = command.remark.strip()
            telling.add(e.AfterSalesAsked(call=call, stage_ms=now_ms, record=record.id, remark=remark))
    return None


def _register(telling: Telling, command: c.Register, call: str) -> Refusal | None:
    part = telling.content.part(command.part)
    if not isinstance(part, OutboundPart):
        return UnknownPart(
            Text(
                zh="这一部分不办理会员注册，请到呼出部分办理",
                en="Nobody is registered in this part: go to the outbound one",
            )
        )
    if all(package.id != command.package for package in part.packages):
        return UnknownPart(Text(zh="没有这个套餐，请重新选择", en="No such package, choose again"))
    name, number = " ".join(command.name.split()), idcard.normal(command.id_number)
    if not name:
        return NotRegistered(Text(zh="请填写会员姓名", en="Fill in the member's name"))
    if fault := idcard.fault(number, _today(telling.at)):
        return NotRegistered(fault)
    members = [member for member in telling.state.desk.members if member.part == part.id]
    if len(members) >= MOST_MEMBERS:
        most = Text(
            zh=f"这一部分最多注册 {MOST_MEMBERS} 人，已经注册满，不用再注册",
            en=f"{MOST_MEMBERS} members is the most in this part: no more are needed",
        )
        return NotRegistered(most)
    if any(member.id_number == number for member in members):
        return NotRegistered(Text(zh="这个身份证号已经注册过，不用重复注册", en="This number is registered already"))
    telling.add(
        e.MemberRegistered(
            call=call,
            stage_ms=telling.at.stage_ms,
            part=part.id,
            name=name,
            id_number=number,
            package=command.package,
        )
    )
    return None


def record_of(content: TelephonyContent, record_id: str) -> Record | None:
    """The record of this id."""
    return next((record for record in content.desk.records if record.id == record_id), None)


def _today(at: Moment) -> date:
    return datetime.fromtimestamp(at.utc_ms / 1000, UTC).astimezone(_CHINA).date()
