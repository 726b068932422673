"""Accounts of the staff, and one's own password."""

from fastapi import APIRouter, Request, Response

from server.accounts.schemas import AccountView, ActView, ChangeAccount, ChangePassword, NewAccount
from server.web.context import Served, Who
from server.web.routes.site import take_over

router = APIRouter(tags=["people"])


@router.get("/accounts")
async def accounts(who: Who, services: Served) -> list[AccountView]:
    """Everybody of the staff."""
    return await services.people.staff(who)


@router.post("/accounts", status_code=201)
async def add(body: NewAccount, who: Who, services: Served) -> AccountView:
    """Add somebody; incompatible roles are refused."""
    return await services.people.add(who, body)


@router.patch("/accounts/{account_id}")
async def change(account_id: str, body: ChangeAccount, who: Who, services: Served) -> AccountView:
    """Change name, roles, or password; close or open an account."""
    return await services.people.change(who, account_id, body)


@router.post("/me/password", status_code=204)
async def password(body: ChangePassword, request: Request, response: Response, who: Who, services: Served) -> None:
    """Change one's own password; every other log-in ends."""
    await services.people.change_password(who, body)
    await services.accounts.end_logins(who.account_id)
    await take_over(request, response, services, await services.accounts.open_login(who))


@router.get("/acts")
async def acts(who: Who, services: Served, contest_id: str | None = None) -> list[ActView]:
    """What the staff did, newest first: in one contest, or in the house."""
    return await services.people.acts_of(who, contest_id)
