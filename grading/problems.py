"""Every refusal of the grading service is problem+json (RFC 9457)."""

import secrets

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from server.core.errors import Invalid, LoginRequired, NotFound, Problem, faults_of
from server.core.text import Text

MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger()


class WrongToken(LoginRequired):
    """The request carries no bearer token, or another one."""

    code = "wrong-token"
    title = Text(
        zh="评分服务令牌不符，请核对 GRADING_TOKEN_FILE 指向的文件与评分服务的 grading/token 相同",
        en="Wrong token for the grading service: GRADING_TOKEN_FILE must hold what its grading/token holds",
    )


class Unreadable(Problem):
    """The request itself can't be read."""

    status = 400
    code = "unreadable"
    title = Text(zh="请求格式不正确", en="Malformed request")


def answer(request: Request, problem: Problem) -> JSONResponse:
    """A problem as the answer to a request."""
    language = "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh-CN"
    return JSONResponse(problem.body(secrets.token_hex(8), language), problem.status, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Catch problems, validation errors and whatever else goes wrong."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> JSONResponse:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = error.errors()
        if any(one["type"] == "json_invalid" for one in found):
            return answer(request, Unreadable())
        faults = [fault.model_dump(mode="json", by_alias=True) for fault in faults_of(found)]
        return answer(request, Invalid(faults=faults))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        response = answer(request, NotFound() if error.status_code == 404 else Unreadable())
        response.status_code = error.status_code
        return response

    @app.exception_handler(Exception)
    async def _unknown(request: Request, error: Exception) -> JSONResponse:
        log.error("grading.request_failed", path=request.url.path, exc_info=error)
        return answer(request, Problem())
