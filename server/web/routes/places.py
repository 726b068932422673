"""Places: for technicians who set them up, and for the machine that stands there."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Request, Response

from agents.schemas import ChangeSeat, Move, NewSeats, Place, PlacementView, PlaceView, SeatView, TicketLogIn
from server.core.access import Principal
from server.core.errors import LoginRequired
from server.web.context import PLACE_COOKIE, Served, Who, principal_of
from server.web.routes.site import take_over

router = APIRouter(tags=["places"])
PlaceToken = Annotated[str | None, Cookie(alias=PLACE_COOKIE)]
_YEAR_S = 365 * 24 * 3600


@router.get("/seats")
async def seats(who: Who, services: Served) -> list[SeatView]:
    """All places by label."""
    return await services.places.seats(who)


@router.post("/seats", status_code=201)
async def add_seats(body: NewSeats, who: Who, services: Served) -> list[SeatView]:
    """Add the places of a room."""
    return await services.places.add(who, body)


@router.patch("/seats/{seat_id}")
async def change_seat(seat_id: str, body: ChangeSeat, who: Who, services: Served) -> SeatView:
    """Make a place spare or not; forget its machine."""
    return await services.places.change(who, seat_id, body)


@router.get("/contests/{contest_id}/placements")
async def placements(contest_id: str, who: Who, services: Served) -> list[PlacementView]:
    """Which ticket sits where."""
    return await services.places.placements(who, contest_id)


@router.post("/contests/{contest_id}/placements", status_code=201)
async def place_all(contest_id: str, body: Place, who: Who, services: Served) -> list[PlacementView]:
    """Seat the whole roster; refused, with nothing done, if places are lacking."""
    return await services.places.place(who, contest_id, body)


@router.post("/contests/{contest_id}/moves", status_code=201)
async def move(contest_id: str, body: Move, who: Who, services: Served) -> PlacementView:
    """换机: move a contestant to a free place; the old machine may write no more."""
    return await services.places.move(who, contest_id, body)


# --- the machine at a place --------------------------------------------------------------------------


@router.post("/places/{seat_id}/bind")
async def bind(
    seat_id: str, request: Request, response: Response, services: Served, token: PlaceToken = None
) -> PlaceView:
    """Bind the machine that asks to a place; refused while another machine sits there with a line."""
    address = _address(request)
    fresh = await services.lobby.bind(seat_id, token, address)
    if fresh != token:
        secure = request.url.scheme == "https"
        response.set_cookie(
            PLACE_COOKIE, fresh, max_age=_YEAR_S, httponly=True, samesite="strict", secure=secure, path="/"
        )
    return await services.lobby.view(fresh, address, await _me(request))


@router.get("/place")
async def place(request: Request, services: Served, token: PlaceToken = None) -> PlaceView:
    """What the machine shows."""
    return await services.lobby.view(token, _address(request), await _me(request))


@router.post("/place/sessions", status_code=201)
async def sit_down(
    body: TicketLogIn, request: Request, response: Response, services: Served, token: PlaceToken = None
) -> PlaceView:
    """Log in with the ticket number; a wrong place is stopped with the right one."""
    address = _address(request)
    who, seat_id = await services.lobby.check_ticket(token, address, body.ticket_number)
    # Only one machine speaks for a contestant: whatever was logged in elsewhere ends.
    await services.accounts.end_logins(who.account_id)
    fresh = await services.accounts.open_login(who, seat_id=seat_id, address=address)
    await take_over(request, response, services, fresh)
    return await services.lobby.view(token, address, who.model_copy(update={"seat_id": seat_id}))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _me(request: Request) -> Principal | None:
    try:
        return await principal_of(request)
    except LoginRequired:
        return None
