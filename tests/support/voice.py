"""A small voice paper for tests: the smallest content that still has every kind of part, and a desk."""

from typing import Any

from server.core.frozen import sha256_hex
from telephony.content import TelephonyContent

AUDIO = b"OggS not really a customer"
"""What every line of the small paper names as its recording; rounds that are only decided need no more."""
ID_NUMBER = "990000199003150013"
"""A number that passes its check; no region has its code, so it is nobody's."""


def line(line_id: str, text: str, duration_ms: int = 2_000, **changes: Any) -> dict[str, Any]:
    """Something the customer says, of `duration_ms`."""
    audio = {"sha256": sha256_hex(AUDIO), "duration_ms": duration_ms}
    return {"id": line_id, "text": text, "audio": audio, **changes}


def inbound(part_id: str = "in1", **changes: Any) -> dict[str, Any]:
    """呼入: three turns; the contestant speaks first in the third. One replay, one retake a turn."""
    return {
        "kind": "inbound",
        "id": part_id,
        "title": {"zh-CN": "呼入：改派件地址", "en": "Inbound: a new address"},
        "marks": "15",
        "guide_ms": 900_000,
        "card": {
            "company": "演示速运",
            "date": "2026年3月5日",
            "customer": "演示客户甲",
            "caller_number": "14200000001",
            "need": "客户来电更改派件地址",
        },
        "turns": [
            {
                "id": "t1",
                "hint": "规范开头语，询问需求",
                "customer": line("c1", "你好，我有个快递想换个地方收。"),
                "reference": "您好，演示速运 8001 号为您服务，请问运单号是多少？",
                "key_points": [{"id": "greet", "title": "问候", "phrases": ["您好", "你好"]}],
                "required": [{"act": "search", "target": "a1"}, {"act": "article", "target": "a1"}],
            },
            {
                "id": "t2",
                "hint": "查询运单并核对后四位",
                "customer": line("c2", "单号 YD20260001，证件后四位是 0098。", 3_000),
                "reference": "已为您查到运单，信息核对一致，请稍等。",
                "key_points": [{"id": "check", "title": "核对", "phrases": ["核对", "核实"]}],
                "required": [
                    {"act": "look_up", "target": "r1"},
                    {"act": "verify", "target": "r1"},
                    {"act": "hold"},
                ],
            },
            {
                "id": "t3",
                "hint": "告知结果并结束",
                "customer": None,
                "reference": "地址已为您修改，感谢来电，再见。",
                "required": [
                    {"act": "change_address", "target": "r1"},
                    {"act": "transfer", "target": "售后服务"},
                ],
            },
        ],
        "takes": {"replays": 1, "retakes": 1},
        **changes,
    }


def outbound(part_id: str = "out1", **changes: Any) -> dict[str, Any]:
    """呼出: a persona of three lines and one nudge; a deal takes two answers of 1 s and a registration."""
    return {
        "kind": "outbound",
        "id": part_id,
        "title": {"zh-CN": "呼出：宽带续约", "en": "Outbound: renewal"},
        "marks": "30",
        "guide_ms": 1_800_000,
        "card": {
            "company": "演示宽带",
            "product": "家庭宽带",
            "customer": "演示客户乙",
            "number": "14200000002",
            "goal": "办理续约",
            "facts": ["宽带将于月底到期"],
        },
        "packages": [
            {"id": "p1", "name": "三百兆包年", "price": "720", "per": "年", "features": ["光纤入户"]},
            {"id": "p2", "name": "千兆包年", "price": "1080", "per": "年", "features": ["全屋无线"]},
        ],
        "faq_least": 3,
        "faq_most": 6,
        "call_ms": 600_000,
        "persona": persona(),
        "reference": {"opening": "您好，我是演示宽带 8001 号客服。", "product": "三百兆包年每年 720 元。"},
        "key_points": [{"id": "price", "title": "报价", "phrases": ["720", "1080"]}],
        **changes,
    }


def persona(**changes: Any) -> dict[str, Any]:
    """The other side of the outbound call; pause 1.5 s, patience 8 s."""
    return {
        "name": "演示客户乙",
        "profile": "在家办公的中年人，关心价格。",
        "opening": line("open", "喂，哪位？", 1_000),
        "lines": [
            line("q1", "现在宽带多少钱一年？", topic="价格"),
            line("q2", "晚上网速会不会慢？", topic="网速"),
            line("q3", "要签几年？", topic="合约"),
        ],
        "nudges": [line("nudge", "喂，还在吗？", 1_000)],
        "endings": {
            "deal": line("deal", "行，那就办吧，再见。"),
            "interest": line("interest", "我再考虑一下，再见。"),
            "refusal": line("refusal", "不用了，再见。"),
        },
        "impatient": line("bye", "没人说话我挂了。", 1_500),
        "pause_ms": 1_500,
        "patience_ms": 8_000,
        "rule": {"reply_ms": 1_000, "deal_replies": 2, "deal_registered": True, "interest_replies": 1},
        **changes,
    }


def retell(part_id: str = "re1", **changes: Any) -> dict[str, Any]:
    """复述录音: a source of 6 s that can be heard twice."""
    return {
        "kind": "retell",
        "id": part_id,
        "title": {"zh-CN": "复述录音", "en": "Retell"},
        "marks": "0",
        "instructions": {"zh-CN": "请听录音，再用自己的话复述。"},
        "source": line("source", "本店自三月一日起，满一百元包邮，七日内可以退换。", 6_000),
        "listens": 2,
        "takes": {"replays": 0, "retakes": 1},
        "key_points": [{"id": "free", "title": "包邮", "phrases": ["包邮"]}],
        **changes,
    }


def summary(part_id: str = "su1", **changes: Any) -> dict[str, Any]:
    """总结知识: at most 40 characters."""
    return {
        "kind": "summary",
        "id": part_id,
        "title": {"zh-CN": "总结知识", "en": "Summary"},
        "marks": "0",
        "instructions": {"zh-CN": "请用不超过 40 字总结。"},
        "source": "生鲜快件签收后二十四小时内可以申请理赔，需要提供照片和运单号，客服核实后三个工作日内赔付到账。",
        "limit": 40,
        "reference": "生鲜件签收二十四小时内凭照片和单号理赔，三个工作日到账。",
        "key_points": [{"id": "day", "title": "时限", "phrases": ["二十四小时", "24小时"]}],
        **changes,
    }


def desk() -> dict[str, Any]:
    """Three articles, one of them outdated; three records, two of which are nearly the same."""
    return {
        "articles": [
            {
                "id": "a1",
                "title": "更改派件地址的规则",
                "body": "派送前可以免费修改一次地址，修改前必须核对收件人证件后四位。",
                "keywords": ["改地址", "更改地址"],
                "updated": "2026年1月",
            },
            {
                "id": "a2",
                "title": "理赔标准",
                "body": "未保价快件最高赔偿运费的七倍，保价快件按保价金额赔偿。",
                "keywords": ["理赔", "赔偿"],
                "updated": "2026年2月",
            },
            {
                "id": "a3",
                "title": "更改派件地址的规则（旧版）",
                "body": "更改地址每次收费五元。",
                "updated": "2021年1月",
                "outdated": True,
            },
        ],
        "records": [
            {
                "id": "r1",
                "kind": "parcel",
                "number": "YD20260001",
                "customer": "演示客户甲",
                "phone": "14200000001",
                "verify": "0098",
                "address": "演示市演示路 1 号",
                "fields": {"状态": "派送中", "重量": "1.2 千克"},
            },
            {
                "id": "r2",
                "kind": "parcel",
                "number": "YD20260007",
                "customer": "演示客户丙",
                "phone": "14200000003",
                "verify": "8760",
                "address": "演示市演示路 7 号",
            },
            {"id": "r3", "kind": "member", "number": "M0001", "customer": "演示客户乙", "phone": "14200000002"},
        ],
    }


def raw_voice_paper(**changes: Any) -> dict[str, Any]:
    """The paper as JSON data: in1, out1, re1, su1."""
    return {
        "schema_version": 1,
        "title": {"zh-CN": "语音测试卷", "en": "Voice test paper"},
        "instructions": {"zh-CN": "请戴好耳麦。"},
        "duration_ms": 3_000_000,
        "agent_number": "8001",
        "parts": [inbound(), outbound(), retell(), summary()],
        "desk": desk(),
        **changes,
    }


def voice_paper(**changes: Any) -> TelephonyContent:
    """The same, validated."""
    return TelephonyContent.model_validate(raw_voice_paper(**changes))
