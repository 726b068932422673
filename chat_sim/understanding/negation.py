"""What is denied: scope of Chinese negators inside a clause, as a sign for every character.

A negator denies what follows it in its clause, up to a word that begins something new (但、可以、是…) or to the next
negator; two that follow each other at once cancel out (不是不能退). One with nothing after it denies what stands
before it (包邮是不可以的). Words that merely hold such a character (不错, 没问题, 特别, 不仅) deny nothing.
"""

import re

_FILLER = "\0"
_REACH = 30
"""Characters that a negator reaches at most, which also bounds the work on a message of nothing but negators."""
_HARMLESS = re.compile(
    r"是不是|不好意思|不客气|不用谢|不用客气|不用担心|不必担心|不要担心|别担心|别怕|不用怕|不用着急|不要着急|不着急|别着急|别急|不要急|不要紧|"
    r"没关系|没事(?!先)|不错|不过|不仅|不但|不只|不光|不单|不止|不论|不管|无论|不久|不少|差不多|来不来|没有?(?:任何|什么|啥)?问题|"
    r"不成问题|不是问题|毫无疑问|无疑|无非|除非|非常|非得|特别|别人|别家|级别|类别|差别|区别|分别|性别|鉴别|识别|告别|别致|个别|别的|"
    r"无线|无忧|无缝|无痕|无比|未来|不断|不得不|不由得|不禁|不锈钢|不愧|不妨|了不起|忍不住|免不了|少不了|受不了|忘不了|说不定|"
    r"巴不得|恨不得|要不然|不然|没错|不介意|不嫌弃|不二|不同(?!意|享|时)|不瞒您|看不起|对不起|不一会|不一定|并不贵|不贵|"
    r"(?:不满意|不喜欢|不合适|不合身|不想要|不满)(?=了?(?:,|都|也|就|可|包|能|直接|支持|随时|我们|的话|想|要))|"
    r"不到(?=[\d一二两三四五六七八九十百半])|不超过|不多于|不大于|不低于|不少于|不高于|无理由|无条件|不限|不用客气|未免|莫非|免费|"
    r"不清楚|不知道|不太清楚|不确定|不了解|不知|不晓得|没注意|不影响(?!第?二次|再次|销售|二销|再卖|卖)|没想到|不在话下|没得说|没二话|无印|不急|(?:别|不要|不能|不可以|勿)(?:拆|剪|撕|摘|弄坏)(?=.{0,2}(?:吊牌|标|牌))"
)
_NEGATOR = re.compile(
    r"(?:不敢|不能|没法|无法|没办法|不好|不)保证|保证不了|怎么可能|怎么会|怎么能|哪里会|哪会|哪能|岂能|岂会|难道|谁说|何必|"
    r"并不是|并不|不可能|不可以|不能够?|不会|不要|不用|不必|不需要?|不支持|不提供|不接受|不包括?|不含|不带|不允许|不给|不再|"
    r"不是|并非|绝非|算不上|谈不上|称不上|没有|没法|没办法|没能|无法|无需|无须|很难|难以|不太|不怎么|不大(?=会|能|行)|拒绝|谢绝|禁止|严禁|杜绝|"
    r"(?:取消|停止|暂停)了?(?=[^,]{0,4}(?:活动|优惠|包邮|满减|券|折|赠))|(?<=活动)(?:已经?|都)?(?:取消|停止)了?|(?<=[\u3400-\u9fff])(?:不了|不成|不到|不起|不住|不上|不动|不出|不掉|不下|不开|不完|不进|不着)|不行|"
    r"(?<![\d一二三四五六七八九百千抹清归])零(?![下食售钱点件头星上\d一二三四五六七八九十])|(?<!\d)0(?=[\u3400-\u9fff]{2})(?!0?[元运邮])|不|没|未|无|勿|别(?=[\u3400-\u9fff])|非(?=[\u3400-\u9fff])|莫(?=[\u3400-\u9fff])|"
    r"做不到|办不到|是假的|是错的|(?<![发寄拍买装拿送做印配选填开])错了|不属实|过期了?|已过期|失效了?|结束了|下架了?|扛不住|顶不住|有问题|不成立|没了|除外"
)
_AFTER_ONLY = frozenset(
    ("是假的", "是错的", "错了", "不属实", "过期", "过期了", "已过期", "失效", "失效了", "结束了", "下架", "下架了",
     "扛不住", "顶不住", "有问题", "不成立", "没了", "做不到", "办不到", "不行", "除外")
)  # fmt: skip
"""These deny what stands before them."""
_WIDE = frozenset(
    ("不是", "并非", "并不是", "绝非", "怎么会", "怎么可能", "怎么能", "哪里会", "哪会", "哪能", "岂能", "岂会",
     "难道", "谁说", "不可能", "不会", "没有")
)  # fmt: skip
"""Another negator may stand within four characters after these and still cancel out: 不是我们不发."""
_STOP = re.compile(r"但|却|而是|而且|可以|能(?![力量])|会(?!员)|也|还|就|才|(?<![只但还可])是|支持|只|反而|并且|都|,")
_UNABLE = frozenset("不" + one for one in "了成到起住上出掉下开完进着")
"""发不了: these deny the verb before them, with its object."""
_BEGINS = "了都也后过才"
"""拆封了退不了: what stands before one of these is not what cannot be done."""
_WHOLE = re.compile(r"(?:因为|所有|每|任何|全部|说)")
_CAUSE = re.compile(r"(?:质量问题|质量原因|质量|品质问题|瑕疵|人为损坏|人为|产品问题|会员)(?=.)")
"""不是质量问题运费您承担: what follows is not denied."""
_DONE = re.compile(r"(?:拆封?|开封|剪|穿|洗|用|使用|发货|收到|付款?|下单|签收)过?")
"""没拆7天内可以退: 没 denies the act alone."""
_RELATIVE = re.compile(r"(?:拆|开封|剪|穿|洗|用|使用|影响)[^,的]{0,5}的(?=[^的了哦呢啊呀吧哈亲,]{2})")
"""没拆封的7天内可以退: the negator is of the words before 的 only."""
_PARTICLES = re.compile(r"[的了哦呢啊呀吧哈噢喔嘛滴啦呦哟~!亲☺^_)(.]*(?:亲|您|哦|呢|哈)*$")
_VERBLESS = re.compile(r"^(?:[亲哦啊嗯呢,这个款那它您好]|目前|现在|暂时|暂|抱歉|其实|真的?|是)*$")


Denial = tuple[int, int, tuple[tuple[int, int], ...]]
"""Place of a negator, and the places that it denies."""


def denials(clause: str) -> tuple[list[Denial], int]:
    """The negators of a clause with what they deny; and -1, if the clause does nothing but deny (不可以的, 没有哦),
    0 if it does not."""
    told: list[Denial] = []
    masked = _HARMLESS.sub(lambda match: _FILLER * len(match[0]), clause)
    found = [match.span() for match in _NEGATOR.finditer(masked)]
    if masked.endswith(("吗", "么")) and found and clause[slice(*found[0])] == "不是":
        found = found[1:]  # 不是满599减50吗: asked to be agreed with
    bare = 0
    for place, (start, end) in enumerate(found):
        word = clause[start:end]
        rest = masked[end:]
        alone = _PARTICLES.match(rest) is not None
        if alone or word in _AFTER_ONLY:
            begin = found[place - 1][1] if place and found[place - 1][1] < start else 0
            if alone and _VERBLESS.match(masked[begin:start]) and not begin:
                bare = -1
            if word in _UNABLE:
                begin = max(begin, max(map(clause[:start].rfind, _BEGINS)) + 1)
            told.append((start, end, ((begin, start), (start + 1, end))))
            continue
        ranges = [(start + 1, _until(masked, found, place))]
        if word in _UNABLE:
            first = max(start - 5, found[place - 1][1] if place else 0)
            ranges.append((first + max(map(clause[first:start].rfind, _BEGINS)) + 1, start))
        told.append((start, end, tuple(ranges)))
    return told, bare


def _until(masked: str, found: list[tuple[int, int]], place: int) -> int:
    """Where the scope of a negator ends."""
    start, end = found[place]
    word = masked[start:end]
    stop = min(len(masked), end + _REACH)
    if "保证" in word:
        return stop
    later = found[place + 1 : place + 1 + _REACH]
    whole = _WHOLE.match(masked, end)
    for match in _STOP.finditer(masked, end + (0 if word in ("不是", "并非", "并不是") else 1), stop):
        inside = any(a <= match.start() < b for a, b in later)
        if not inside and not (whole and match[0] in ("都", "就", "能", "会", "可以", "也")):
            stop = match.start()
            break
    if word in ("不是", "非", "并非"):
        cause = _CAUSE.match(masked, end)
        if cause is not None:
            return cause.end()
    if word in ("没", "未", "没有"):
        done = _DONE.match(masked, end)
        if done is not None:
            return done.end()
    if word in ("没", "未", "不", "没有"):
        noun = _RELATIVE.match(masked, end)
        if noun is not None:
            stop = min(stop, noun.end())
    if place + 1 < len(found):
        following = found[place + 1][0]
        near = 4 if word in _WIDE else 0
        if following - end > near and following < stop:
            stop = following
    return stop


def flip(values: list[int], told: list[Denial], offset: int = 0) -> None:
    """Turn the signs of what is denied."""
    for _, _, ranges in told:
        for start, end in ranges:
            for at in range(offset + start, offset + end):
                values[at] = -values[at]
