"""Keys of caches: values known by being the very same objects. None of them ever changes."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """Holds an immutable value whose hash by content would cost more than what is cached."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value
