"""Names for fictitious cards: surnames (百家姓) and characters of given names, each with how a recording explains it.

Pinyin is numbered, one syllable a character. What a voice would get wrong stands in `readings`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Spelled:
    """A surname or a character, how it is said and how it is explained."""

    text: str
    pinyin: str
    hint: str
    readings: Mapping[str, str] = field(default_factory=dict)

    @property
    def latin(self) -> str:
        """The pinyin as it stands in e-mail addresses: no tones, v for ü."""
        return "".join(syllable[:-1] for syllable in self.pinyin.split())


def _table(lines: str) -> tuple[Spelled, ...]:
    """From lines of "character/pinyin explanation"."""
    entries = (line.replace("/", " ", 1).split(" ", 2) for line in lines.splitlines())
    return tuple(Spelled(text, pinyin, hint) for text, pinyin, hint in entries)


COMMON = _table("""\
王/wang2 三横王
李/li3 木子李
张/zhang1 弓长张
刘/liu2 文刀刘
陈/chen2 耳东陈
杨/yang2 木易杨
黄/huang2 草字头黄
吴/wu2 口天吴
周/zhou1 周末的周
徐/xu2 双人徐
孙/sun1 子小孙
马/ma3 骏马的马
朱/zhu1 朱红的朱
胡/hu2 古月胡
何/he2 人可何
林/lin2 双木林
高/gao1 高山的高
郑/zheng4 关耳郑
谢/xie4 感谢的谢
宋/song4 宋朝的宋
唐/tang2 唐朝的唐
许/xu3 言午许
邓/deng4 又耳邓
叶/ye4 口十叶
程/cheng2 前程的程
苏/su1 苏州的苏
吕/lv3 双口吕
丁/ding1 丁香的丁
杜/du4 木土杜
夏/xia4 夏天的夏
方/fang1 方向的方
田/tian2 田野的田""")

LESS_COMMON = _table("""\
章/zhang1 立早章
汪/wang1 汪洋的汪
余/yu2 年年有余的余
姚/yao2 女兆姚
邵/shao4 召耳邵
魏/wei4 委鬼魏
董/dong3 董事的董
范/fan4 模范的范
金/jin1 金色的金
石/shi2 石头的石
钟/zhong1 钟表的钟
陆/lu4 陆地的陆
姜/jiang1 生姜的姜
孟/meng4 孟子的孟
熊/xiong2 熊猫的熊
秦/qin2 秦朝的秦
江/jiang1 江河的江
史/shi3 历史的史
陶/tao2 陶瓷的陶
贺/he4 祝贺的贺
顾/gu4 照顾的顾
钱/qian2 金钱的钱
严/yan2 严肃的严
雷/lei2 雷雨的雷
蒋/jiang3 草字头加将军的将，蒋
冯/feng2 两点水加骏马的马，冯""")

COMPOUND = (
    Spelled("欧阳", "ou1 yang2", "复姓欧阳，欧洲的欧，太阳的阳"),
    Spelled("上官", "shang4 guan1", "复姓上官，上下的上，军官的官"),
    Spelled("司马", "si1 ma3", "复姓司马，司机的司，骏马的马"),
    Spelled("司徒", "si1 tu2", "复姓司徒，司机的司，徒弟的徒"),
    Spelled("东方", "dong1 fang1", "复姓东方，东西的东，方向的方", {"东西的东": "dong1 xi1 de5 dong1"}),
    Spelled("慕容", "mu4 rong2", "复姓慕容，羡慕的慕，容易的容"),
    Spelled("端木", "duan1 mu4", "复姓端木，端正的端，木头的木"),
    Spelled("夏侯", "xia4 hou2", "复姓夏侯，夏天的夏，诸侯的侯"),
    Spelled("公孙", "gong1 sun1", "复姓公孙，公平的公，子孙的孙"),
    Spelled(
        "诸葛",
        "zhu1 ge3",
        "复姓诸葛，诸位的诸，瓜葛的葛",
        {"复姓诸葛": "fu4 xing4 zhu1 ge3", "瓜葛的葛": "gua1 ge2 de5 ge3"},
    ),
    Spelled("皇甫", "huang2 fu3", "复姓皇甫，皇帝的皇，杜甫的甫"),
    Spelled(
        "尉迟",
        "yu4 chi2",
        "复姓尉迟，上尉的尉，迟到的迟",
        {"复姓尉迟": "fu4 xing4 yu4 chi2", "上尉的尉": "shang4 wei4 de5 wei4"},
    ),
    Spelled("令狐", "ling2 hu2", "复姓令狐，命令的令，狐狸的狐"),
)

POLYPHONIC = (
    Spelled("单", "shan4", "简单的单，作姓氏读作善", {"简单的单": "jian3 dan1 de5 dan1"}),
    Spelled("仇", "qiu2", "仇恨的仇，作姓氏读作求", {"仇恨的仇": "chou2 hen4 de5 chou2"}),
    Spelled("解", "xie4", "解放的解，作姓氏读作谢", {"解放的解": "jie3 fang4 de5 jie3"}),
    Spelled("曾", "zeng1", "曾经的曾，作姓氏读作增", {"曾经的曾": "ceng2 jing1 de5 ceng2"}),
    Spelled("任", "ren2", "任务的任，作姓氏读作人", {"任务的任": "ren4 wu4 de5 ren4"}),
    Spelled("查", "zha1", "检查的查，作姓氏读作渣", {"检查的查": "jian3 cha2 de5 cha2"}),
    Spelled("区", "ou1", "地区的区，作姓氏读作欧", {"地区的区": "di4 qu1 de5 qu1"}),
)
"""Surnames that are said in another way than the word by which they are explained."""

GIVEN = _table("""\
明/ming2 光明的明
远/yuan3 远方的远
佳/jia1 佳节的佳
宁/ning2 安宁的宁
嘉/jia1 嘉奖的嘉
涛/tao1 波涛的涛
雨/yu3 下雨的雨
晴/qing2 晴天的晴
静/jing4 安静的静
文/wen2 文化的文
彬/bin1 彬彬有礼的彬
晓/xiao3 春晓的晓
萌/meng2 萌芽的萌
兰/lan2 兰花的兰
涵/han2 涵养的涵
睿/rui4 睿智的睿
思/si1 思念的思
海/hai3 大海的海
春/chun1 春天的春
秋/qiu1 秋天的秋
梅/mei2 梅花的梅
竹/zhu2 竹子的竹
峰/feng1 山峰的峰
云/yun2 白云的云
雪/xue3 雪花的雪
霞/xia2 彩霞的霞
虹/hong2 彩虹的虹
月/yue4 月亮的月
辰/chen2 星辰的辰
晨/chen2 早晨的晨
旭/xu4 旭日的旭
志/zhi4 志气的志
勇/yong3 勇敢的勇
建/jian4 建设的建
伟/wei3 伟大的伟
健/jian4 健康的健
康/kang1 安康的康
平/ping2 和平的平
福/fu2 幸福的福
瑞/rui4 瑞雪的瑞
瑶/yao2 瑶族的瑶
玉/yu4 宝玉的玉
珊/shan1 珊瑚的珊
丹/dan1 牡丹的丹
慧/hui4 智慧的慧
敏/min3 敏捷的敏
颖/ying3 新颖的颖
婷/ting2 娉婷的婷
悦/yue4 喜悦的悦
欣/xin1 欣赏的欣
诚/cheng2 诚实的诚
博/bo2 博士的博
凯/kai3 凯旋的凯
鹏/peng2 鹏程万里的鹏
飞/fei1 飞机的飞
翔/xiang2 飞翔的翔
航/hang2 航海的航
宇/yu3 宇宙的宇
宏/hong2 宏伟的宏
浩/hao4 浩大的浩
泽/ze2 沼泽的泽
洋/yang2 海洋的洋
洁/jie2 清洁的洁
淑/shu1 淑女的淑
芳/fang1 芳香的芳
荣/rong2 光荣的荣
莹/ying2 晶莹的莹
蕾/lei3 花蕾的蕾
薇/wei1 蔷薇的薇
恒/heng2 永恒的恒
新/xin1 崭新的新
梦/meng4 梦想的梦
诗/shi1 诗歌的诗
琴/qin2 钢琴的琴
岩/yan2 岩石的岩
磊/lei3 光明磊落的磊
森/sen1 森林的森
桐/tong2 梧桐的桐
骏/jun4 骏马的骏""")

HARD_GIVEN = _table("""\
钰/yu4 金字旁加宝玉的玉，钰
梓/zi3 桑梓的梓，木字旁
雯/wen2 雨字头加文化的文，雯
萱/xuan1 草字头加宣传的宣，萱
昊/hao4 日字头加天空的天，昊
炜/wei3 火字旁加韦字，炜
璇/xuan2 王字旁加旋转的旋，璇
琪/qi2 王字旁加其他的其，琪
琳/lin2 王字旁加树林的林，琳
彤/tong2 红彤彤的彤，丹字加三撇
晖/hui1 春晖的晖，日字旁
麒/qi2 麒麟的麒
翰/han4 翰林的翰
楠/nan2 楠木的楠，木字旁加南方的南
煜/yu4 火字旁，右边日字下面一个立字，李煜的煜""")
