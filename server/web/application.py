"""The ASGI application on running services."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from pydantic import create_model

from agents.schemas import BoardFrame
from server.app import Services, running
from server.attempts.commands import CoreCommand
from server.core.modules import Modules
from server.installation.trust import Entrance
from server.settings import Profile
from server.version import VERSION
from server.web import board, problems, seat
from server.web.frames import SeatFrame, ServerFrame
from server.web.guard import Guard
from server.web.pages import pages_router
from server.web.problems import RESPONSES
from server.web.routes import (
    attempts,
    bank,
    calls,
    classes,
    contests,
    formulas,
    grading,
    people,
    places,
    practice,
    recordings,
    results,
    site,
    trust,
)

API = "/api/v1"


def create_application(services: Services, entrance: Entrance | None = None) -> FastAPI:
    """The whole web face; its lifespan runs the services. `entrance` is there where TLS is served."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(services):
            app.state.services = services
            yield

    app = _application(services.settings.profile, services.modules, entrance, lifespan=lifespan)
    app.state.entrance = entrance
    app.include_router(pages_router())
    return app


def openapi(modules: Modules) -> dict[str, Any]:
    """The OpenAPI 3.1 document, with everything that any profile can have."""
    return _application("demo", modules).openapi()


def _application(profile: Profile, modules: Modules, entrance: Entrance | None = None, **options: Any) -> FastAPI:
    app = FastAPI(
        title="CCSS",
        version=VERSION,
        summary="Contact-centre simulation server for training and contests",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        separate_input_output_schemas=False,
        **options,
    )
    problems.install(app)
    for part in (
        *(site, people, practice, bank, attempts, calls, recordings, contests, places, classes),
        *(results, grading, formulas, trust),
    ):
        app.include_router(part.router, prefix=API, responses=RESPONSES)
    if profile == "demo":
        app.include_router(site.demo, prefix=API, responses=RESPONSES)
    app.include_router(site.health)
    app.include_router(seat.router)
    app.include_router(board.router)
    _declare_frames(app, modules)
    app.add_middleware(Guard, entrance=entrance)
    return app


def _declare_frames(app: FastAPI, modules: Modules) -> None:
    """Frames and module shapes as webhooks: the only place where OpenAPI can tell the front end of them."""

    @app.webhooks.post("seat-frame")
    def seat_frame(body: SeatFrame) -> None:
        """What a page sends over /ws."""

    @app.webhooks.post("server-frame")
    def server_frame(body: ServerFrame) -> None:
        """What the server sends over /ws."""

    @app.webhooks.post("board-frame")
    def board_frame(body: BoardFrame) -> None:
        """What the server sends over /ws/board."""

    core = create_model("CoreShapes", command=(CoreCommand, ...))

    @app.webhooks.post("core-shapes")
    def core_shapes(body: core) -> None:
        """Commands that every module has."""

    for name, module in sorted(modules.items()):
        shapes = create_model(
            "".join(part.title() for part in name.split("_")) + "Shapes",
            command=(module.command_type, ...),
            content=(module.seat_content_type, ...),
            state=(module.seat_state_type, ...),
            live=(Any if module.seat_live_type is None else module.seat_live_type, ...),
            sheet=(module.sheet_type, ...),
            draft=(Any if module.author is None else module.author.draft_type, ...),
        )

        def declare(body: Any) -> None:
            """Commands, content, state and score sheet of one module."""

        declare.__annotations__["body"] = shapes
        app.webhooks.post(f"{name.replace('_', '-')}-shapes")(declare)
