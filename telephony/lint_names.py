"""Names of customers, companies and products in a text, and names that look like them."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻章苏潘葛范彭鲁韦马苗凤方俞任袁柳"
    "史唐费薛雷贺倪汤罗毕郝邬安常乐于傅卞齐康伍余顾孟黄穆萧尹姚邵汪祁毛禹狄臧计成戴宋庞熊纪舒屈项祝董梁"
    "杜阮蓝闵席季贾路江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍万柯管卢莫经房解应宗丁宣邓郁单洪包左石崔吉程"
    "欧邢裴陆翁荀甄曲封储靳焦侯宁仇甘厉武刘景詹龙叶司黎乔申曾关岳丛聂耿辛白温易廖文邵肖牛连敖车蔺池丘"
)
_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "东方", "尉迟", "皇甫", "令狐", "慕容", "司徒")
_TITLES = ("先生", "女士", "小姐")
_HAN = "\u4e00-\u9fff"
_LIKE_NAMES = """
    方便 方案 方法 方式 马上 高兴 高峰 安排 安全 安装 成功 成交 成本 全部 时间 常见 常用
    于是 黄色 金额 白天 白色 江苏 何时 应该 温馨 包裹 包装 包邮 万一 经常 经理 计划 项目
    路上 路线 余额 谢谢 许多 钱款 周末 周一 周二 周三 周四 周五 周六 周日 花费 严重 任何
    易碎 元旦 毛巾 石材 田地 解释 解决 房间 房号 管理 应当 程序 季度 单号 单位 单子 文件
    文明 关于 关闭 连接 车辆 车上 经过 乐意 祝您 祝你 石头 莫非 夏天 武汉 宁波 华为 司机
    封面 曲目 申请 景点 龙头 叶子 张贴 安心 安静 白费 盛夏 梅花 席位 童装 颜色 贾 罗列 康复
    成人 牛奶 池子 林业 江边
"""
_NO_NAMES = frozenset(_LIKE_NAMES.split())
_BEFORE = r"(?:姓名|名字|叫|称呼|乘机人|收件人|寄件人|收货人|联系人|入住人|登记人|会员)(?:是|为|叫|:)?"
_CUED = re.compile(rf"{_BEFORE}([{_HAN}]{{2,3}}?)(?=[，、。;!?和与的先女身手电]|$)")
_OF_PAPERS = re.compile(rf"(?:^|[，、。;:和与])([{_HAN}]{{2,3}}?)(?=的?(?:身份证|证件))")
_ALONE = re.compile(rf"(?:^|[，、。;:!? 和与])([{_HAN}]{{2,3}})(?=[，、。;!? ]|和|与|两位|$)")
_SPOKEN_BY = (
    re.compile(r"(?:这里是|我是|欢迎致电)([^，。!?的]{2,20}?)(?:的|，|。|!|$)"),
    re.compile(r"您好[，!]([^，。!?]{3,16}?)，?(?:为您服务|请问|很高兴)"),
)
_ANY_COMPANY = re.compile(r"演示|示例|有限|公司|集团|中心")
_NO_COMPANY = re.compile(r"客服|工号|专员|坐席|顾问|先生|女士|小姐|\d{3}|^(?:请问|我|您|感谢|欢迎)|接线|经理")


@dataclass(frozen=True, slots=True)
class Titled:
    """王先生, or 王小明先生: what stands before the title, and the title."""

    name: str
    title: str


def is_name(text: str) -> bool:
    """Whether a text of two to four characters has the form of a person's name."""
    if text in _NO_NAMES or not re.fullmatch(rf"[{_HAN}]{{2,4}}", text) or text.endswith(_TITLES):
        return False
    if text.startswith(_COMPOUND):
        return len(text) >= 3
    return text[0] in _SURNAMES and len(text) <= 3


def surname(name: str) -> str:
    """The surname of a name."""
    return name[:2] if name.startswith(_COMPOUND) and len(name) > 2 else name[:1]


def titled(text: str, known: Collection[str] = ()) -> Iterator[Titled]:
    """Persons with their titles; a known name goes before a shorter one."""
    for match in re.finditer("|".join(_TITLES), text):
        before = text[: match.start()]
        if name := next((name for name in sorted(known, key=len, reverse=True) if before.endswith(name)), ""):
            yield Titled(name, match.group())
        elif before.endswith(_COMPOUND):
            yield Titled(before[-2:], match.group())
        elif before and before[-1] in _SURNAMES:
            yield Titled(before[-1], match.group())
        else:
            long = next((before[-size:] for size in (3, 2) if is_name(before[-size:])), "")
            if long:
                yield Titled(long, match.group())


def cued(text: str, asked: bool) -> list[str]:
    """Names that a text says to be names; `asked` if it answers a question for them."""
    found = [*_CUED.findall(text), *_OF_PAPERS.findall(text)]
    if asked:
        found += _ALONE.findall(text)
    return [name for name in dict.fromkeys(found) if is_name(name)]


def alone(text: str) -> list[str]:
    """What may be a name: it stands between marks and has the form of one."""
    return [name for name in _ALONE.findall(text) if is_name(name)]


def alike(one: str, other: str) -> bool:
    """Whether two different names differ in one character, and share the surname."""
    if one == other or len(one) != len(other) or surname(one) != surname(other):
        return False
    return _differences(one, other) == 1


def near(text: str, name: str) -> str:
    """What in a text looks like a proper name of at least four characters but isn't; "" if nothing does."""
    size = len(name)
    if size < 4:
        return ""
    most = 2 if size >= 7 else 1
    for at in range(len(text) - size + 1):
        piece = text[at : at + size]
        if 0 < _differences(piece, name) <= most and re.fullmatch(rf"[{_HAN}A-Za-z0-9]+", piece):
            return piece
    return ""


def speaks_for(text: str) -> Iterator[str]:
    """The companies in whose name a contestant's words are spoken."""
    for rule in _SPOKEN_BY:
        for name in rule.findall(text):
            if not _NO_COMPANY.search(name):
                yield name


def same_company(one: str, other: str) -> bool:
    """Whether two names of companies may mean the same: what one begins with stands in the other."""
    one, other = _ANY_COMPANY.sub("", one), _ANY_COMPANY.sub("", other)
    return one[:2] in other or other[:2] in one


def _differences(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))
