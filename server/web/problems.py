"""Every refusal leaves the server as problem+json (RFC 9457), with the request's id."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from server.core.errors import Invalid, NotFound, Problem, ProblemBody, faults_of
from server.core.text import Text
from server.web.context import language_of

MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger()


def refusals(meanings: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """How the OpenAPI document tells of refusals, by status."""
    return {
        status: {
            "description": meaning,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
        }
        for status, meaning in meanings.items()
    }


RESPONSES = refusals(
    {
        400: "The request can't be read",
        401: "Log in first",
        403: "Not permitted",
        404: "Not found, or not yours",
        409: "Not possible in the present state",
        413: "Too large",
        422: "Invalid content",
        429: "Too many requests",
    }
)


class Malformed(Problem):
    """The request itself can't be read: broken JSON, no CSRF header, a foreign origin."""

    status = 400
    code = "malformed"
    title = Text(zh="请求格式不正确", en="Malformed request")


class MethodNotAllowed(Problem):
    """The address exists, the method doesn't."""

    status = 405
    code = "method-not-allowed"
    title = Text(zh="不支持的请求方法", en="Method not allowed")


def problem_response(request: Request, problem: Problem) -> JSONResponse:
    """A problem as the answer to a request."""
    body = problem.body(request.state.request_id, language_of(request))
    return JSONResponse(body, problem.status, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Catch problems, validation errors and whatever else goes wrong."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> JSONResponse:
        return problem_response(request, error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        if any(found["type"] == "json_invalid" for found in error.errors()):
            return problem_response(request, Malformed())
        faults = [fault.model_dump(mode="json", by_alias=True) for fault in faults_of(error.errors())]
        return problem_response(request, Invalid(faults=faults))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        known: dict[int, Problem] = {404: NotFound(), 405: MethodNotAllowed()}
        response = problem_response(request, known.get(error.status_code, Malformed()))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def _unknown(request: Request, error: Exception) -> JSONResponse:
        log.error("request.failed", request_id=request.state.request_id, path=request.url.path, exc_info=error)
        return problem_response(request, Problem())


def problem_body(problem: Problem, request_id: str, language: str) -> ProblemBody:
    """A problem for a frame of /ws."""
    return ProblemBody.model_validate(problem.body(request_id, language))
