"""What customers ask and what answers it: where the answer stands, whether the reference gives it, what contradicts."""

from collections.abc import Iterator, Sequence

from chat_sim.content import ChatContent
from chat_sim.lint_faults import doubt, wrong
from chat_sim.persona import Fact, Need, Persona
from chat_sim.shop import Article, Product, Promotion, Shop
from chat_sim.understanding.judge import Understood, settle, understand
from server.core.errors import Fault


def needs(content: ChatContent, persona: Persona) -> Iterator[Fault]:
    """Everything about the needs of a customer; paths below the persona."""
    for number, need in enumerate(persona.needs):
        path = f"needs.{number}"
        yield from _form(content, persona, number, path)
        yield from _known(content.shop, need, path)
        if need.kind == "silence":
            continue
        yield from _reference(content, persona, number, path)
        yield from _contradictions(content, persona, need, path)
        if not _sourceless(need):
            yield from _source(content, persona, need, path)


def batch(persona: Persona, number: int) -> Sequence[Need]:
    """The needs that are asked together with this one."""
    first = number
    while first and persona.needs[first - 1].with_next:
        first -= 1
    last = number
    while last < len(persona.needs) - 1 and persona.needs[last].with_next:
        last += 1
    return persona.needs[first : last + 1]


def _form(content: ChatContent, persona: Persona, number: int, path: str) -> Iterator[Fault]:
    need = persona.needs[number]
    if need.kind == "silence":
        if need.asks:
            yield wrong(
                f"{path}.asks", "“沉默”时客户不说话：请清空客户的话，或改类型", "A silent customer asks nothing"
            )
        if not need.silent_ms:
            yield wrong(
                f"{path}.silent_ms", "没有填写沉默多少秒后客户自己继续", "How long the silence lasts is missing"
            )
    else:
        if not need.asks:
            yield wrong(f"{path}.asks", "没有填写客户的话", "What the customer says is missing")
        if need.silent_ms:
            yield doubt(f"{path}.silent_ms", "沉默秒数只用于“沉默”", "Only a silence lasts")
    if need.with_next and number == len(persona.needs) - 1:
        yield wrong(f"{path}.with_next", "这是最后一个需求，不能和下一个同问", "There is no next need to be asked with")
    if need.picture is not None and need.kind != "photo":
        yield doubt(f"{path}.kind", "带图片的需求请选“晒图”", "A need with a picture should be of the kind photo")
    for at, text in enumerate(need.asks):
        if any(text in other.asks for other in persona.needs[:number]):
            yield doubt(f"{path}.asks.{at}", "客户前面已经说过同样的话", "The customer said the same before")
    ids = [*(fact.id for fact in need.facts), *(one.id for one in need.wrong)]
    if len(set(ids)) < len(ids):
        yield wrong(f"{path}.facts", "要点的编号重复", "An id of a fact stands there twice")


def _known(shop: Shop, need: Need, path: str) -> Iterator[Fault]:
    articles = {article.id for article in shop.articles}
    if lost := [one for one in need.articles if one not in articles]:
        yield wrong(f"{path}.articles", f"知识库里没有编号为 {'、'.join(lost)} 的文章", f"Unknown: {', '.join(lost)}")
    if lost := [one for one in need.products if shop.product(one) is None]:
        yield wrong(f"{path}.products", f"店铺里没有编号为 {'、'.join(lost)} 的商品", f"Unknown: {', '.join(lost)}")


def _reference(content: ChatContent, persona: Persona, number: int, path: str) -> Iterator[Fault]:
    need, at = persona.needs[number], f"{path}.reference"
    if not need.reference.strip():
        yield wrong(at, "没有填写参考答案", "The reference is missing")
        return
    most = content.policy.most_characters
    if len(need.reference) > most:
        yield wrong(at, f"参考答案有 {len(need.reference)} 字，超过每条消息最多的 {most} 字", f"Longer than {most}")
    together = batch(persona, number)
    said = understand(content, persona, together, need.reference)
    if said.forbidden:
        yield wrong(at, f"参考答案里有服务禁语“{'、'.join(said.forbidden)}”", "Holds a forbidden word")
    verdict = settle(need, said.findings, said.courtesy, said)
    if verdict != "met":
        yield wrong(
            at, f"参考答案没有答对这个需求：{_lacking(need, said)}", f"The reference doesn't meet the need: {verdict}"
        )
    for other in together:
        if other.id != need.id and settle(other, said.findings, said.courtesy, said) == "wrong":
            zh = f"参考答案同时会被判为答错“{other.title}”（两个需求一起问）：请改写"
            yield wrong(at, zh, f"The reference is wrong for {other.title!r}, which is asked together with it")


def _lacking(need: Need, said: Understood) -> str:
    mine = [finding for finding in said.findings if finding.need == need.id]
    if wrongs := [finding.text for finding in mine if finding.verdict == "wrong"]:
        return f"“{'、'.join(wrongs)}”会被判为答错"
    right = {finding.fact for finding in mine if finding.verdict == "right"}
    facts = [fact.title for fact in need.facts if fact.required and fact.id not in right]
    if facts:
        return f"没有认出要点“{'、'.join(facts)}”，请补上，或增加算对的说法"
    if set(need.courtesy) - set(said.courtesy):
        return "缺少需要的敬语"
    return "没有可以回应的内容"


def _contradictions(content: ChatContent, persona: Persona, need: Need, path: str) -> Iterator[Fault]:
    """Accepted wordings that are judged wrong too, and wrong ones that are judged right."""
    if not need.wrong:
        return
    for number, fact in enumerate(need.facts):
        if fact.denied:
            continue
        for at, wording in enumerate(fact.accept):
            said = understand(content, persona, (need,), _sentence(fact, wording))
            bad = next((one for one in said.findings if one.verdict == "wrong"), None)
            if bad is not None:
                title = next((one.title for one in need.wrong if one.id == bad.fact), fact.title)
                yield wrong(
                    f"{path}.facts.{number}.accept.{at}",
                    f"算对的说法“{wording}”也会被“{title}”判为答错：请改写其中一个",
                    f"{wording!r} is accepted, and wrong by {title!r} as well",
                )
    for number, one in enumerate(need.wrong):
        for at, phrase in enumerate(one.phrases):
            said = understand(content, persona, (need,), phrase)
            if any(found.verdict == "wrong" for found in said.findings):
                continue
            titles = {fact.id: fact.title for fact in need.facts}
            right = next((found for found in said.findings if found.verdict == "right" and found.fact in titles), None)
            if right is not None:
                yield wrong(
                    f"{path}.wrong.{number}.phrases.{at}",
                    f"算错的说法“{phrase}”会被要点“{titles[right.fact]}”判为答对：请改写其中一个",
                    f"{phrase!r} is wrong, and right by {titles[right.fact]!r}",
                )
            else:
                yield doubt(
                    f"{path}.wrong.{number}.phrases.{at}",
                    f"单说“{phrase}”不会被判为答错：请写得更完整一些，或检查比较方式",
                    f"{phrase!r} alone is not judged wrong",
                )


def _sentence(fact: Fact, wording: str) -> str:
    """A wording as it would be said: bare numbers need their unit."""
    unit = {"price": "元", "size": "码", "number": fact.unit}.get(fact.kind, "")
    return f"{wording}{unit}" if wording[-1:].isdigit() else wording


def _sourceless(need: Need) -> bool:
    """Whether nothing has to be looked up for it."""
    return not any(fact.required for fact in need.facts)


def _source(content: ChatContent, persona: Persona, need: Need, path: str) -> Iterator[Fault]:
    """Where the answer stands; a figure may be worked out instead, which the price engine proves."""
    shop = content.shop
    asked = [fact for fact in need.facts if fact.required and fact.kind != "price"]
    named = [_article(one) for one in shop.articles if one.id in need.articles]
    named += [_sheet(one) for one in shop.products if one.id in need.products]
    missing = [fact for fact in asked if not _stands(content, persona, need, fact, named)]
    if need.articles or need.products:
        if missing:
            yield doubt(
                f"{path}.articles",
                f"选定的出处里找不到“{'、'.join(fact.title for fact in missing)}”的答案{_elsewhere(shop, missing)}",
                "The answer does not stand where it is said to stand",
            )
        return
    if not [fact for fact in asked if not _stands(content, persona, need, fact, [_terms(shop)])]:
        return
    everywhere = [*map(_article, shop.articles), *map(_sheet, shop.products), _terms(shop)]
    lost = [fact for fact in asked if not _stands(content, persona, need, fact, everywhere)]
    if len(lost) == len(asked):
        yield wrong(
            f"{path}.articles",
            f"知识库和商品资料里都没有“{need.title}”的答案：请补一篇文章或商品属性，并在“答案出处”里选上",
            "Neither the knowledge base nor a product sheet holds the answer",
        )
    else:
        yield doubt(
            f"{path}.articles", f"没有选答案的出处{_elsewhere(shop, asked)}", "Nothing says where the answer stands"
        )


def _stands(content: ChatContent, persona: Persona, need: Need, fact: Fact, texts: Sequence[str]) -> bool:
    """Whether one of these texts says the fact."""
    only = need.model_copy(update={"facts": (fact.model_copy(update={"denied": False}),), "wrong": ()})
    if any(word in text for text in texts for word in fact.accept):
        return True
    return any(
        found.fact == fact.id and found.verdict == "right"
        for text in texts
        for piece in text.split("\n")
        for found in understand(content, persona, (only,), piece[:400]).findings
    )


def _elsewhere(shop: Shop, facts: Sequence[Fact]) -> str:
    for article in shop.articles:
        if any(word in _article(article) for fact in facts for word in fact.accept):
            return f"：可能在文章《{article.title}》（{article.id}）"
    for product in shop.products:
        if any(word in _sheet(product) for fact in facts for word in fact.accept):
            return f"：可能在商品“{product.name}”（{product.id}）"
    return "：请补上，或改选出处"


def _article(one: Article) -> str:
    return "\n".join((one.title, *one.body.replace("。", "。\n").split("\n"), "、".join(one.keywords)))


def _sheet(one: Product) -> str:
    lines = [one.name, *one.aliases, one.category, one.summary]
    lines += [f"{name}：{value}" for name, value in one.attributes.items()]
    lines += [
        f"{sku.name}：库存 {sku.stock} 件，{'有货' if sku.stock else '无货、没货、缺货、断货、卖完'}"
        for sku in one.skus
    ]
    lines += [f"吊牌价 {one.list_price} 元，售价 {one.price} 元，限购 {one.most} 件"]
    return "\n".join(lines)


def _terms(shop: Shop) -> str:
    """Promotions and shipping, in words."""
    shipping = shop.shipping
    lines = [f"{shipping.carrier} {shipping.dispatch} 运费 {shipping.fee} 元 满 {shipping.free_from} 元包邮"]
    lines += [f"{one.name} {'、'.join(one.cities)} {one.days}天" for one in shipping.regions]
    return "\n".join([*lines, *map(_promotion, shop.promotions)])


def _promotion(one: Promotion) -> str:
    figures = (f"{value}" for key in ("threshold", "off", "code") if (value := getattr(one, key, None)) is not None)
    return f"{one.title} {' '.join(figures)}"
