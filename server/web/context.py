"""What every route needs: the services, who is asking, and in which language."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from server.app import Services
from server.core.access import Principal

COOKIE = "ccss_login"
PLACE_COOKIE = "ccss_place"
"""Which place this machine stands at."""


def services_of(connection: HTTPConnection) -> Services:
    """The running services."""
    services: Services = connection.app.state.services
    return services


async def principal_of(connection: HTTPConnection) -> Principal:
    """Who is asking; raises LoginRequired."""
    address = connection.client.host if connection.client else ""
    return await services_of(connection).accounts.who(connection.cookies.get(COOKIE), address)


def language_of(connection: HTTPConnection) -> str:
    """ "en" if the page asks for English, else "zh-CN"."""
    return "en" if connection.headers.get("accept-language", "").lower().startswith("en") else "zh-CN"


def _services(request: Request) -> Services:
    return services_of(request)


async def _principal(request: Request) -> Principal:
    return await principal_of(request)


Served = Annotated[Services, Depends(_services)]
Who = Annotated[Principal, Depends(_principal)]
