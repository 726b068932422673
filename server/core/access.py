"""Who may do what: the roles of the house, which of them one person may hold, and the one permission table."""

from collections.abc import Iterable
from enum import StrEnum
from itertools import combinations

from pydantic import computed_field

from server.core.errors import NotPermitted
from server.core.frozen import Frozen
from server.core.text import Text


class Role(StrEnum):
    """A role a person can act in (architecture section 10); the first that a person holds decides the first page."""

    ORGANISER = "organiser"
    CHIEF_REFEREE = "chief_referee"
    SCORING_REFEREE = "scoring_referee"
    FLOOR_REFEREE = "floor_referee"
    ENCRYPTION_REFEREE = "encryption_referee"
    SUPERVISOR = "supervisor"
    ARBITRATOR = "arbitrator"
    TECHNICIAN = "technician"
    TASK_AUTHOR = "task_author"
    TRAINER = "trainer"
    TEAM_LEADER = "team_leader"
    CONTESTANT = "contestant"
    AUDIENCE = "audience"


ROLE_TITLES: dict[Role, Text] = {
    Role.ORGANISER: Text(zh="赛务管理员", en="Organiser"),
    Role.CHIEF_REFEREE: Text(zh="裁判长", en="Chief referee"),
    Role.SCORING_REFEREE: Text(zh="评分裁判", en="Scoring referee"),
    Role.FLOOR_REFEREE: Text(zh="现场裁判", en="Floor referee"),
    Role.ENCRYPTION_REFEREE: Text(zh="加密裁判", en="Encryption referee"),
    Role.SUPERVISOR: Text(zh="监督", en="Supervisor"),
    Role.ARBITRATOR: Text(zh="仲裁", en="Arbitrator"),
    Role.TECHNICIAN: Text(zh="技术保障", en="Technician"),
    Role.TASK_AUTHOR: Text(zh="命题", en="Task author"),
    Role.TRAINER: Text(zh="教师", en="Trainer"),
    Role.TEAM_LEADER: Text(zh="领队", en="Team leader"),
    Role.CONTESTANT: Text(zh="选手", en="Contestant"),
    Role.AUDIENCE: Text(zh="观众", en="Audience"),
}

_ALONE = (Role.CONTESTANT, Role.TEAM_LEADER, Role.SUPERVISOR, Role.ARBITRATOR)
"""Who takes part, and who watches over those who organise and judge, does nothing else."""
_INCOMPATIBLE: frozenset[frozenset[Role]] = frozenset(
    frozenset(pair)
    for pair in [
        *((alone, other) for alone in _ALONE for other in Role if other not in (alone, Role.AUDIENCE)),
        # Whoever knows which code is whose gives no mark and confirms none.
        (Role.ENCRYPTION_REFEREE, Role.SCORING_REFEREE),
        (Role.ENCRYPTION_REFEREE, Role.CHIEF_REFEREE),
        # Whoever sees the faces at the places does not mark their works.
        (Role.FLOOR_REFEREE, Role.SCORING_REFEREE),
        (Role.TECHNICIAN, Role.SCORING_REFEREE),
        (Role.ORGANISER, Role.SCORING_REFEREE),
        # Whoever runs the stage does not draw up the roster; whoever wrote the task does not mark it.
        (Role.ORGANISER, Role.CHIEF_REFEREE),
        (Role.TASK_AUTHOR, Role.SCORING_REFEREE),
        (Role.TASK_AUTHOR, Role.CHIEF_REFEREE),
    ]
)


def clashes(roles: Iterable[Role]) -> list[tuple[Role, Role]]:
    """Pairs of these roles that one person may not hold together (separation of duties)."""
    order = list(Role)
    held = sorted(set(roles), key=order.index)
    return [(one, other) for one, other in combinations(held, 2) if frozenset((one, other)) in _INCOMPATIBLE]


class Permission(StrEnum):
    """One kind of act."""

    PRACTISE = "practise"
    TEACH = "teach"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_CONTEST = "manage_contest"
    MANAGE_PLACES = "manage_places"
    AUTHOR_TASKS = "author_tasks"
    MANAGE_PAPERS = "manage_papers"
    RUN_STAGE = "run_stage"
    CONFIRM_ORDER = "confirm_order"
    WATCH_HALL = "watch_hall"
    ANSWER_HELP = "answer_help"
    MOVE_CONTESTANT = "move_contestant"
    ANNOUNCE = "announce"
    LISTEN_IN = "listen_in"
    PLAY_CUSTOMER = "play_customer"
    SEE_RESULTS = "see_results"
    CORRECT_KEY = "correct_key"
    JUDGE_WORKS = "judge_works"
    READ_WORKS = "read_works"
    READ_ACTS = "read_acts"
    SEE_HALL_CLOCK = "see_hall_clock"


_P = Permission
_ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.ORGANISER: frozenset(
        {
            _P.PRACTISE,
            _P.TEACH,
            _P.MANAGE_PEOPLE,
            _P.MANAGE_CONTEST,
            _P.MANAGE_PLACES,
            _P.AUTHOR_TASKS,
            _P.MANAGE_PAPERS,
            _P.WATCH_HALL,
            _P.ANSWER_HELP,
            _P.MOVE_CONTESTANT,
            _P.ANNOUNCE,
            _P.SEE_RESULTS,
            _P.READ_ACTS,
            _P.SEE_HALL_CLOCK,
        }
    ),
    Role.CHIEF_REFEREE: frozenset(
        {
            _P.RUN_STAGE,
            _P.CONFIRM_ORDER,
            _P.WATCH_HALL,
            _P.ANSWER_HELP,
            _P.MOVE_CONTESTANT,
            _P.ANNOUNCE,
            _P.LISTEN_IN,
            _P.PLAY_CUSTOMER,
            _P.SEE_RESULTS,
            _P.CORRECT_KEY,
            _P.JUDGE_WORKS,
            _P.READ_ACTS,
            _P.SEE_HALL_CLOCK,
        }
    ),
    Role.SCORING_REFEREE: frozenset({_P.SEE_RESULTS, _P.JUDGE_WORKS, _P.SEE_HALL_CLOCK}),
    Role.FLOOR_REFEREE: frozenset({_P.WATCH_HALL, _P.ANSWER_HELP, _P.PLAY_CUSTOMER, _P.SEE_HALL_CLOCK}),
    Role.ENCRYPTION_REFEREE: frozenset({_P.SEE_HALL_CLOCK}),
    Role.SUPERVISOR: frozenset(
        {_P.CONFIRM_ORDER, _P.WATCH_HALL, _P.SEE_RESULTS, _P.READ_WORKS, _P.READ_ACTS, _P.SEE_HALL_CLOCK}
    ),
    Role.ARBITRATOR: frozenset({_P.SEE_RESULTS, _P.READ_WORKS, _P.READ_ACTS, _P.SEE_HALL_CLOCK}),
    Role.TECHNICIAN: frozenset(
        {_P.MANAGE_PLACES, _P.WATCH_HALL, _P.ANSWER_HELP, _P.MOVE_CONTESTANT, _P.SEE_HALL_CLOCK}
    ),
    Role.TASK_AUTHOR: frozenset({_P.PRACTISE, _P.AUTHOR_TASKS, _P.MANAGE_PAPERS}),
    Role.TRAINER: frozenset(
        {_P.PRACTISE, _P.TEACH, _P.AUTHOR_TASKS, _P.ANSWER_HELP, _P.PLAY_CUSTOMER, _P.SEE_HALL_CLOCK}
    ),
    Role.TEAM_LEADER: frozenset({_P.SEE_HALL_CLOCK}),
    Role.CONTESTANT: frozenset({_P.PRACTISE}),
    Role.AUDIENCE: frozenset({_P.SEE_HALL_CLOCK}),
}


class Principal(Frozen):
    """Who sends a request. `contest_id` is set for an entrant of a contest, `seat_id` for a log-in made at a place."""

    account_id: str
    roles: tuple[Role, ...]
    display_name: str
    contest_id: str | None = None
    seat_id: str | None = None

    @computed_field  # type: ignore[prop-decorator]  # pydantic's documented order of decorators
    @property
    def role(self) -> Role:
        """The role that decides the first page."""
        return self.roles[0]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def permissions(self) -> tuple[Permission, ...]:
        """Everything the table allows, for a page to know what to offer; the server asks again at every act."""
        return tuple(permission for permission in Permission if self.may(permission))

    def may(self, permission: Permission) -> bool:
        """Whether the table allows it; an entrant of a contest may do nothing but take part in it."""
        return self.contest_id is None and any(permission in _ALLOWED[role] for role in self.roles)

    def require(self, *any_of: Permission) -> None:
        """Raise NotPermitted unless the table allows one of these."""
        if not any(self.may(permission) for permission in any_of):
            raise NotPermitted


def ordered(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Roles of one person in the order of the word list, each once."""
    held = set(roles)
    return tuple(role for role in Role if role in held)
