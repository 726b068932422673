"""What a machine needs once before it can work over HTTPS: the authority, and scripts that set a place up."""

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from server.core.access import Permission
from server.core.errors import NotFound
from server.core.text import Text
from server.installation.seat_setup import SeatSetup
from server.installation.seat_setup_text import harmless
from server.installation.trust import Entrance, TrustView, thumbprint
from server.web.context import Served, Who

router = APIRouter(tags=["trust"])

_DER, _PEM = "application/x-x509-ca-cert", "application/x-pem-file"
_SCRIPT, _ZIP = "application/octet-stream", "application/zip"
_SETUP, _UNDO = "seat-setup.cmd", "seat-undo.cmd"
_SEAT_ID = re.compile(r"[0-9A-Za-z_-]{1,26}")


def _entrance(request: Request) -> Entrance:
    entrance: Entrance | None = getattr(request.app.state, "entrance", None)
    if entrance is None:
        raise NotFound(
            Text(
                zh="服务器没有启用 HTTPS；请用 ccss run --host 0.0.0.0 启动",
                en="The server serves no HTTPS: start it with ccss run --host 0.0.0.0",
            )
        )
    return entrance


Entered = Annotated[Entrance, Depends(_entrance)]


def _a(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {}}, "description": "A file"}}


@router.get("/trust")
async def trust(request: Request, entrance: Entered) -> TrustView:
    """The authority, and the addresses of this server."""
    return entrance.view(_asked(request))


@router.get("/trust/authority.crt", response_class=Response, responses=_a(_DER))
async def authority_der(entrance: Entered) -> Response:
    """The authority as Windows, phones and tablets take it."""
    return _file("ccss-ca.crt", entrance.der(), _DER)


@router.get("/trust/authority.pem", response_class=Response, responses=_a(_PEM))
async def authority_pem(entrance: Entered) -> Response:
    """The authority as Linux and Firefox take it."""
    return _file("ccss-ca.pem", entrance.pem(), _PEM)


@router.get("/trust/seat-setup.cmd", response_class=Response, responses=_a(_SCRIPT))
async def seat_setup(
    request: Request, entrance: Entered, services: Served, seat: Annotated[str | None, Query(max_length=26)] = None
) -> Response:
    """The script that makes a Windows machine a place; with `seat`, its shortcut opens that place."""
    if seat is None:
        return _file(_SETUP, _script(request, entrance).setup(), _SCRIPT)
    row = await services.places.repository.seat(seat) if _SEAT_ID.fullmatch(seat) else None
    if row is None:
        raise NotFound(Text(zh="没有这个赛位", en="No such place"))
    return _file(_SETUP, _script(request, entrance, row.label, row.id).setup(), _SCRIPT)


@router.get("/trust/seat-undo.cmd", response_class=Response, responses=_a(_SCRIPT))
async def seat_undo(request: Request, entrance: Entered) -> Response:
    """The script that puts back everything that seat-setup.cmd changed."""
    return _file(_UNDO, _script(request, entrance).undo(), _SCRIPT)


@router.get("/places/seat-setup.zip", response_class=Response, responses=_a(_ZIP))
async def seat_setups(
    request: Request, who: Who, services: Served, room: Annotated[str | None, Query(max_length=10)] = None
) -> Response:
    """The script of every place, of one room or of all, by room and label: for a memory stick."""
    who.require(Permission.MANAGE_PLACES)
    entrance = _entrance(request)
    seats = [seat for seat in await services.places.seats(who) if room in (None, seat.room)]
    if not seats:
        raise NotFound(Text(zh="还没有赛位，请先添加赛位", en="There are no places yet: add them first"))
    scripts = {
        f"{harmless(seat.room) or '_'}/{harmless(seat.label) or seat.seat_id}.cmd": _script(
            request, entrance, seat.label, seat.seat_id
        ).setup()
        for seat in seats
    }
    general = _script(request, entrance)
    return _file("seat-setup.zip", _zipped({**scripts, _UNDO: general.undo(), _SETUP: general.setup()}), _ZIP)


def _script(request: Request, entrance: Entrance, label: str = "", seat_id: str = "") -> SeatSetup:
    asked = _asked(request)
    return SeatSetup(
        site_name=entrance.site_name,
        authority_der=entrance.der(),
        thumbprint=thumbprint(entrance.authority),
        secure_url=entrance.secure_url(asked),
        plain_url=entrance.plain_url(asked),
        label=label,
        path=f"/place/{seat_id}" if seat_id else "/",
    )


def _zipped(files: Mapping[str, bytes]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return body.getvalue()


def _asked(request: Request) -> str:
    return request.headers.get("host", "")


def _file(name: str, content: bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})
