"""Characters that sound alike, for what an IME gets wrong: 防水 and 放水, 包邮 and 包油.

GB 2312 orders its 3,755 characters of the first level by their Mandarin reading; `_FIRST` names the first character
of each syllable in that order, so that two characters sound alike, tones aside, if the same syllable holds them.
"""

_FIRST = (
    "啊埃鞍肮凹芭白斑邦苞杯奔崩逼鞭标鳖彬兵玻捕擦猜餐苍操厕层插拆搀昌超车郴撑吃充抽初揣川疮吹春戳疵聪凑粗"
    "蹿摧村磋搭呆耽当刀德蹬堤颠碉跌丁丢东兜督端堆墩掇蛾恩而发藩坊菲芬丰佛否夫噶该干冈篙哥给根耕工钩辜刮乖棺"
    "光瑰辊锅哈骸酣夯壕呵嘿痕哼轰喉呼花槐欢荒灰荤豁击嘉歼僵蕉揭巾荆炯揪鞠捐撅均喀开刊康考坷肯坑空抠枯夸块宽"
    "匡亏坤括垃莱蓝琅捞勒雷棱厘俩联粮撩列琳玲溜龙楼芦驴峦掠抡萝妈埋瞒芒猫么玫门萌眯棉苗蔑民明谬摸谋拇拿氖南"
    "囊挠呢馁嫩能妮蔫娘鸟捏您柠牛脓奴女暖虐挪哦欧啪拍攀乓抛呸喷砰坯篇飘撇拼乒坡扑期掐牵枪橇切钦青琼秋趋圈缺"
    "裙然瓤饶惹壬扔日戎揉茹软蕊闰若撒腮三桑搔瑟森僧莎筛珊墒梢奢砷声师收蔬刷摔栓霜谁吮说斯松搜苏酸虽孙蓑塌胎"
    "坍汤掏特藤梯天挑贴厅通偷凸湍推吞拖挖歪豌汪威瘟嗡挝巫昔瞎掀相萧楔薪星兄休墟轩靴勋压焉殃邀椰一茵英哟拥幽"
    "迂鸳曰耘匝栽咱赃遭责贼怎增扎摘瞻樟招遮珍蒸芝中舟珠抓拽专桩椎谆捉兹鬃邹租钻嘴尊昨"
)
_LEVEL_ONE = (0xB0, 0xD7)


def _table() -> dict[int, str]:
    """Each character of the first level to the first one of its syllable."""
    first, syllable = set(_FIRST), ""
    table: dict[int, str] = {}
    for row in range(_LEVEL_ONE[0], _LEVEL_ONE[1] + 1):
        for cell in range(0xA1, 0xFF):
            try:
                character = bytes([row, cell]).decode("gb2312")
            except UnicodeDecodeError:
                continue
            if character in first:
                syllable = character
            table[ord(character)] = syllable
    return table


_SOUNDS = _table()


def sound(text: str) -> str:
    """`text` with each character of the first level by the one that stands for its syllable; the length is kept."""
    return text.translate(_SOUNDS)


_FROM = (
    "肮邦崩兵苍插拆搀昌超车郴撑疮疵聪凑粗蹿摧村磋当坊丰冈耕光夯哼荒僵荆康坑匡琅粮玲芒萌明囊能娘柠乓砰乒枪"
    "青瓤扔桑僧莎筛珊墒梢奢砷声霜斯搜苏酸虽孙蓑汤汪嗡相星殃英赃增扎摘瞻樟招遮珍蒸桩兹鬃邹租钻嘴尊昨"
)
_TO = (
    "鞍斑奔彬餐擦猜餐餐操厕层层川吃充抽初川吹春戳耽藩芬干根棺酣痕欢歼巾刊肯宽蓝联琳瞒门民南嫩蔫您攀喷拼牵"
    "钦然壬三森撒腮三三搔瑟森森栓师收蔬栓谁吮说坍豌瘟掀薪焉茵咱怎匝栽咱咱遭责怎怎专芝中舟珠专椎谆捉"
)
"""Syllables that differ by zh/z, ch/c, sh/s or -ng/-n only, each by its first character."""
_BLURRED = str.maketrans(_FROM, _TO)


def blurred(sounds: str) -> str:
    """Of what `sound` gave: syllables that many people do not tell apart made equal."""
    return sounds.translate(_BLURRED)
