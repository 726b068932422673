"""Bodies of requests and answers that belong to no domain package."""

from pydantic import Field

from server.core.access import Principal, Role
from server.core.frozen import Frozen
from server.core.text import Text
from server.settings import Profile


class DemoRole(Frozen):
    """One button of the demo's first page."""

    role: Role
    title: Text
    description: Text


class SiteView(Frozen):
    """What a page must know before anybody has logged in."""

    profile: Profile
    site_name: str
    version: str
    me: Principal | None
    demo_roles: tuple[DemoRole, ...]


class LogIn(Frozen):
    """Account and password."""

    login_name: str = Field(min_length=1, max_length=80)
    password: str = Field(min_length=1, max_length=200)


class DemoLogIn(Frozen):
    """The button that was pressed."""

    role: Role


class StartPractice(Frozen):
    """The paper to take."""

    paper_id: str = Field(min_length=1, max_length=26)


class Health(Frozen):
    """Whether the server works, and each part's own word."""

    status: str
    version: str
    parts: dict[str, str]
