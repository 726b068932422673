"""Small papers for tests: the smallest content that still has every part."""

from typing import Any

from server.core.frozen import sha256_hex
from typing_test.content import DictationContent

AUDIO = b"OggS not really a recording"
CARD = {
    "name": "欧阳雪",
    "address": "北京市海淀区学院路甲5号院3号楼1502室内",
    "postcode": "100083",
    "phone": "13800138000",
    "email": "Ouyang_x@mail.com",
}
"""3 + 22 + 6 + 11 + 17 = 59 counted characters, the anchor of the issue."""


def raw_paper(items: int = 2, **changes: Any) -> dict[str, Any]:
    """A dictation paper as JSON data; every item has the anchor card."""
    labels = {
        "name": "客户姓名",
        "address": "客户地址",
        "postcode": "邮政编码",
        "phone": "联系电话",
        "email": "电子邮箱",
    }
    return {
        "schema_version": 1,
        "title": {"zh-CN": "测试卷", "en": "Test paper"},
        "instructions": {"zh-CN": "请播放录音，填写客户信息。", "en": "Play the recording, fill in the card."},
        "duration_ms": 600_000,
        "fields": [
            {
                "key": key,
                "label": {"zh-CN": label},
                "kind": key,
                "case_sensitive": key != "email",
            }
            for key, label in labels.items()
        ],
        "items": [
            {
                "id": f"i{number}",
                "title": {"zh-CN": f"第 {number} 条"},
                "audio": {"sha256": sha256_hex(AUDIO), "duration_ms": 60_000},
                "answers": {key: {"text": text} for key, text in CARD.items()},
            }
            for number in range(1, items + 1)
        ],
        **changes,
    }


def paper(items: int = 2, **changes: Any) -> DictationContent:
    """The same, validated."""
    return DictationContent.model_validate(raw_paper(items, **changes))
