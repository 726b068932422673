"""Which regions a clause speaks of: a figure for one region is none for another."""

from functools import lru_cache

from chat_sim.persona import Need
from chat_sim.shop import Shop
from chat_sim.understanding.message import message


class Places:
    """Where parcels go: a figure for one region is none for another."""

    def __init__(self, regions: tuple[tuple[str, tuple[str, ...]], ...], city: str) -> None:
        self._names: dict[str, int] = {}
        for index, (region, cities) in enumerate(regions):
            for name in (region, *cities):
                flat = message(name).text.removesuffix("省").removesuffix("市")
                if len(flat) >= 2:
                    self._names[flat] = index
        self._city = self._regions(message(city).text)
        self._wanted: dict[str, frozenset[int]] = {}

    def _regions(self, text: str) -> frozenset[int]:
        return frozenset(index for name, index in self._names.items() if name in text)

    def elsewhere(self, body: str, need: Need) -> bool:
        """The clause speaks of a region that is neither the need's nor, if that has none, the customer's."""
        here = self._regions(body)
        if not here:
            return False
        told = " ".join((need.title, *need.asks, *(fact.title for fact in need.facts)))
        wanted = self._wanted.get(told)
        if wanted is None:
            wanted = self._wanted[told] = self._regions(message(told).text) or self._city
        return bool(wanted) and not here & wanted


@lru_cache(maxsize=512)
def _places(regions: tuple[tuple[str, tuple[str, ...]], ...], city: str) -> Places:
    return Places(regions, city)


def places_of(shop: Shop, city: str) -> Places:
    """The regions of a shop, seen by a customer of a city."""
    return _places(tuple((region.name, region.cities) for region in shop.shipping.regions), city)
