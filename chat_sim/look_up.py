"""What a search at the desk finds: articles of the 知识库 and product sheets; the same at every seat."""

from collections.abc import Collection

from chat_sim.seat import HitView
from chat_sim.shop import Product, Shop
from server.core.frozen import Frozen
from server.knowledge.articles import Entry
from server.knowledge.search import search

MOST_PRODUCTS = 12


class Found(Frozen):
    """What a search found, best first: articles, and ids of products."""

    hits: tuple[HitView, ...] = ()
    products: tuple[str, ...] = ()


def find(shop: Shop, query: str) -> Found:
    """Everything that fits a query; nothing for one without a word."""
    return Found(hits=hit_views(shop, query), products=_products(shop, query))


def hit_views(shop: Shop, query: str, among: Collection[str] | None = None) -> tuple[HitView, ...]:
    """Articles that a query finds, with excerpts; of those `among` these ids, which it found before."""
    entries = (
        Entry(id=article.id, title=article.title, body=article.body, keywords=article.keywords)
        for article in shop.articles
        if among is None or article.id in among
    )
    return tuple(HitView(id=hit.id, title=hit.title, excerpt=hit.excerpt) for hit in search(query, entries))


def _products(shop: Shop, query: str) -> tuple[str, ...]:
    return tuple(hit.id for hit in search(query, map(_entry, shop.products), MOST_PRODUCTS))


def _entry(product: Product) -> Entry:
    """A product sheet as the search sees it: aliases and category are its keywords."""
    body = [product.summary]
    body += [f"{name}：{value}" for name, value in product.attributes.items()]
    body.append("、".join(sku.name for sku in product.skus))
    return Entry(id=product.id, title=product.name, body="\n".join(body), keywords=(*product.aliases, product.category))
