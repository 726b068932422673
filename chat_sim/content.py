"""The content of a 在线服务 paper: a shop, its customers, what the desk may do, how figures become marks."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from chat_sim.ids import ID
from chat_sim.persona import Persona
from chat_sim.shop import Picture, Shop
from server.core.contract import Content
from server.core.frozen import Frozen
from server.core.text import Text

_Id = Annotated[str, Field(pattern=ID)]


class Canned(Frozen):
    """快捷短语."""

    id: _Id
    group: str = Field(min_length=1, max_length=20)
    text: str = Field(min_length=1, max_length=300)


class ForbiddenWord(Frozen):
    """服务禁语: a word or phrase, as a message is normalised (NFKC, lower case, no blanks)."""

    word: str = Field(min_length=1, max_length=30)
    reason: str = Field(default="", max_length=60)


class CourtesyWords(Frozen):
    """Phrases by which 开头、等候、致歉、结束 are recognised, besides those that every shop has."""

    greeting: tuple[str, ...] = Field(default=(), max_length=30)
    waiting: tuple[str, ...] = Field(default=(), max_length=30)
    apology: tuple[str, ...] = Field(default=(), max_length=30)
    closing: tuple[str, ...] = Field(default=(), max_length=30)


class DeskPolicy(Frozen):
    """What the desk allows."""

    most_open: int = Field(default=5, ge=1, le=20)
    """Conversations that can be open at once; more wait in the queue."""
    most_characters: int = Field(default=500, ge=20, le=2_000)
    """Of one message."""
    canned_allowed: bool = True
    paste_allowed: bool = False


IndicatorKey = Literal["service_time", "reply_ratio", "first_response", "accuracy", "rating"]


class Indicator(Frozen):
    """How a figure becomes a share of the 服务指标 mark: 1 at `full`, 0 at `zero`, in proportion between them.

    `service_time` and `first_response` in seconds, `reply_ratio` agent ÷ customer messages, `accuracy` 0 to 1, `rating`
    1 to 5.
    """

    key: IndicatorKey
    full: Decimal
    zero: Decimal
    weight: Decimal = Field(default=Decimal(1), gt=0, le=100)

    @model_validator(mode="after")
    def _slopes(self) -> Self:
        if self.full == self.zero:
            raise ValueError("full 与 zero 不能相等")
        return self


INDICATORS = (
    Indicator(key="service_time", full=Decimal(240), zero=Decimal(900)),
    Indicator(key="reply_ratio", full=Decimal("0.9"), zero=Decimal("0.3")),
    Indicator(key="first_response", full=Decimal(20), zero=Decimal(120)),
    Indicator(key="accuracy", full=Decimal("0.95"), zero=Decimal("0.3")),
    Indicator(key="rating", full=Decimal("4.5"), zero=Decimal(2)),
)


class RubricRow(Frozen):
    """A row that the table of seed 001 (表3, 80 %) does not have."""

    key: str = Field(pattern=r"^[a-z_]{1,32}$")
    title: Text
    weight_pct: Decimal = Field(gt=0, le=100)


class RubricPolicy(Frozen):
    """What is done about the 20 % that 表3 leaves open (requirements, contradiction 1): somebody must decide.

    `open`: nothing yet, the linter says so; `rows`: rows are added up to 100 %; `normalise`: weights × 100 ÷ 80;
    `as_is`: at most 80 % of the marks can be had.
    """

    gap: Literal["open", "rows", "normalise", "as_is"] = "open"
    rows: tuple[RubricRow, ...] = Field(default=(), max_length=5)


class ChatContent(Content):
    """在线服务."""

    schema_version: Literal[1] = 1
    instructions: Text
    shop: Shop
    personas: tuple[Persona, ...] = Field(min_length=1, max_length=40)
    policy: DeskPolicy = DeskPolicy()
    canned: tuple[Canned, ...] = Field(default=(), max_length=60)
    forbidden: tuple[ForbiddenWord, ...] = Field(default=(), max_length=100)
    courtesy: CourtesyWords = CourtesyWords()
    indicators: tuple[Indicator, ...] = INDICATORS
    rubric: RubricPolicy = RubricPolicy()
    max_marks: Decimal = Field(default=Decimal(30), ge=0, le=100)
    """0: nothing is scored, the paper is for warming up."""

    @model_validator(mode="after")
    def _unique(self) -> Self:
        named: tuple[tuple[str, list[str]], ...] = (
            ("personas", [persona.id for persona in self.personas]),
            ("shop.products", [product.id for product in self.shop.products]),
            ("shop.skus", [sku.id for product in self.shop.products for sku in product.skus]),
            ("shop.promotions", [promotion.id for promotion in self.shop.promotions]),
            ("shop.articles", [article.id for article in self.shop.articles]),
            ("canned", [canned.id for canned in self.canned]),
            ("indicators", [indicator.key for indicator in self.indicators]),
            *((f"personas.{p.id}.needs", [need.id for need in p.needs]) for p in self.personas),
        )
        for what, ids in named:
            if twice := {one for one in ids if ids.count(one) > 1}:
                raise ValueError(f"{what}：编号重复 {'、'.join(sorted(twice))}")
        return self

    def persona(self, persona_id: str) -> Persona | None:
        """The customer of this id; a conversation has the id of its customer."""
        return next((persona for persona in self.personas if persona.id == persona_id), None)

    def pictures(self) -> Iterator[Picture]:
        """Every picture that a desk may show."""
        for product in self.shop.products:
            if product.picture is not None:
                yield product.picture
        for persona in self.personas:
            for need in persona.needs:
                if need.picture is not None:
                    yield need.picture
