"""By which key a reply was judged: everything of a content that understanding it depends on, as one short id."""

from functools import lru_cache

from chat_sim.content import ChatContent
from chat_sim.persona import Persona
from chat_sim.same import Same
from server.core.frozen import canonical_json, sha256_hex


def key_id(content: ChatContent, persona: Persona) -> str:
    """16 hexadecimal digits: equal for equal keys of this customer in an equal shop, other ones otherwise.

    A reply that was judged by the same key and the same `RULES` needs no second judgement.
    """
    return _key_id(Same(content), persona.id)


@lru_cache(maxsize=1_024)
def _key_id(held: Same[ChatContent], persona_id: str) -> str:
    persona = held.value.persona(persona_id)
    own = {} if persona is None else persona.model_dump(mode="json", by_alias=True)
    return sha256_hex(_common(held) + canonical_json(own))[:16]


@lru_cache(maxsize=64)
def _common(held: Same[ChatContent]) -> str:
    included = {"shop", "forbidden", "courtesy"}
    return canonical_json(held.value.model_dump(mode="json", by_alias=True, include=included))
