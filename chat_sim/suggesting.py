"""推荐: which products the desk recommended to a customer, and how they were taken."""

from chat_sim.content import ChatContent
from chat_sim.reckoning import Talk
from chat_sim.sheet import SheetSuggestion


def suggestions(content: ChatContent, talk: Talk) -> tuple[SheetSuggestion, ...]:
    """Every product once, where it was recommended first; `accepted` is None if the customer said nothing to it."""
    first: dict[str, int] = {}
    for reply in talk.replies:
        for product_id in reply.event.suggested:
            first.setdefault(product_id, reply.event.n)
    taken = {message.product: message.accepted for _, message in talk.heard if message.product is not None}
    made = []
    for product_id, n in first.items():
        product = content.shop.product(product_id)
        name = product_id if product is None else product.name
        made.append(SheetSuggestion(product=product_id, name=name, n=n, accepted=taken.get(product_id)))
    return tuple(made)
