"""Who may do what: the roles of the house and the one permission table."""

from enum import StrEnum

from server.core.errors import NotPermitted
from server.core.frozen import Frozen
from server.core.text import Text


class Role(StrEnum):
    """A role a person can act in."""

    CONTESTANT = "contestant"
    TRAINER = "trainer"
    ORGANISER = "organiser"


ROLE_TITLES: dict[Role, Text] = {
    Role.CONTESTANT: Text(zh="选手", en="Contestant"),
    Role.TRAINER: Text(zh="教师", en="Trainer"),
    Role.ORGANISER: Text(zh="赛务管理员", en="Organiser"),
}


class Permission(StrEnum):
    """One kind of act."""

    PRACTISE = "practise"
    WATCH_PRACTICE = "watch_practice"


_ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.CONTESTANT: frozenset({Permission.PRACTISE}),
    Role.TRAINER: frozenset({Permission.PRACTISE, Permission.WATCH_PRACTICE}),
    Role.ORGANISER: frozenset({Permission.PRACTISE, Permission.WATCH_PRACTICE}),
}


class Principal(Frozen):
    """Who sends a request."""

    account_id: str
    role: Role
    display_name: str

    def may(self, permission: Permission) -> bool:
        """Whether the table allows it."""
        return permission in _ALLOWED[self.role]

    def require(self, permission: Permission) -> None:
        """Raise NotPermitted unless the table allows it."""
        if not self.may(permission):
            raise NotPermitted
