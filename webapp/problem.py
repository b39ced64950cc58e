"""Turn every error into a problem document (RFC 9457); what was not foreseen shows nothing but its id.

Its sentences are said in the language of the request, which the API is asked for by Accept-Language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, request
from marshmallow import ValidationError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, UnprocessableEntity

from pitboss.core import errors, texts
from pitboss.core.http.current import VISIT
from pitboss.core.http.json import encode
from pitboss.core.retelling import retold
from pitboss.core.texts import marked
from pitboss.webapp.languages import preferred

log = structlog.get_logger(__name__)

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 5
"""What a caller is told to wait when a needed service does not answer."""
_PASSED_HEADERS = ("allow", "retry-after", "www-authenticate", "content-range")
_LOCATIONS = ("json", "query", "path", "headers", "cookies", "form", "files")
_TITLES = (
    marked("Conflict"),
    marked("Declined"),
    marked("Forbidden"),
    marked("Insufficient funds"),
    marked("Key reused"),
    marked("Not authenticated"),
    marked("Not found"),
    marked("Refused"),
    marked("Stale"),
    marked("Term missing"),
    marked("Too many"),
    marked("Unavailable"),
)
"""What the names of errors become in words."""
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(slots=True)
class Problem:
    """What a problem document says."""

    status: int
    title: str
    detail: str = ""
    type: str = "about:blank"
    errors: list[dict[str, str]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    details: Mapping[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def problem_of(error: Exception) -> Problem:
    """Say what an error means to the caller, in the language of the request."""
    return _told(_problem_of(error))


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, errors.PitbossError):
        return _of_ours(error)
    if isinstance(error, HTTPException):
        return _of_werkzeug(error)
    if isinstance(error, ValidationError):
        found = list(pointers(error.messages))
        return Problem(422, marked("Invalid input"), "some fields do not fit", _type("InvalidInput"), found)
    if isinstance(error, (OperationalError, PoolTimeout)):
        return _unavailable(marked("the database does not answer now; try again"))
    if isinstance(error, (DataError, OverflowError, UnicodeEncodeError)):
        return Problem(
            422, marked("Invalid input"), marked("a value cannot be stored"), _type("InvalidInput")
        )
    return Problem(500, marked("Internal error"), marked("something went wrong on our side"))


def response_of(problem: Problem) -> Response:
    """Render a problem document."""
    visit = request.environ.get(VISIT)
    body: dict[str, Any] = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "instance": request.path,
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = problem.errors
    if problem.reasons:
        body["reasons"] = problem.reasons
    if problem.details:
        body["details"] = problem.details
    if visit is not None:
        body["request_id"] = visit.request_id
    headers = {
        "Cache-Control": "no-store",
        "Content-Language": texts.language(),
        "Vary": "Accept-Language",
        **problem.headers,
    }
    return Response(encode(body), problem.status, headers, content_type=CONTENT_TYPE)


def answer(error: Exception) -> Response:
    """Turn an error into the response of this request; a failure of ours is logged with its trace."""
    if not request.path.startswith("/admin"):  # which speaks what its operator chose
        # Only who is refused is asked for a language: whatever the API gives is the same in all of them.
        texts.speak(preferred(request))
    problem = problem_of(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        here = request.environ.get(VISIT)
        owner = here.rule.owner if here is not None and here.rule is not None else "core"
        log.error("request failed", path=request.path, plugin=owner, exc_info=error)
        if here is not None and problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            here.failed_owner = owner
    return response_of(problem)


def pointers(tree: Any, at: str = "") -> Iterator[dict[str, str]]:
    """Yield a JSON pointer and a message for each leaf of marshmallow's nested messages.

    >>> list(pointers({"legs": {0: {"odds": ["Too low."]}}}))
    [{'pointer': '#/legs/0/odds', 'detail': 'Too low.'}]
    """
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            step = str(key).replace("~", "~0").replace("/", "~1")
            yield from pointers(value, at if step == "_schema" else f"{at}/{step}")
    elif isinstance(tree, (list, tuple)):
        for value in tree:
            yield from pointers(value, at)
    else:
        yield {"pointer": f"#{at}", "detail": str(tree)}


def register(app: Flask) -> None:
    """Answer every error of an application with a problem document."""
    app.register_error_handler(HTTPException, answer)
    app.register_error_handler(Exception, answer)


def _told(problem: Problem) -> Problem:
    """Say the sentences of a problem in the language of the request; names and codes stay as they are."""
    return replace(
        problem,
        title=retold(problem.title),
        detail=retold(problem.detail),
        errors=_told_details(problem.errors),
        reasons=[retold(reason) for reason in problem.reasons],
        details=_told_details(problem.details),
    )


def _told_details(value: Any) -> Any:
    """Return plain JSON with each member `detail`, which is a sentence, in the language of the request."""
    if isinstance(value, Mapping):
        return {
            key: retold(inner) if key == "detail" and isinstance(inner, str) else _told_details(inner)
            for key, inner in value.items()
        }
    return [_told_details(one) for one in value] if isinstance(value, (list, tuple)) else value


def _of_ours(error: errors.PitbossError) -> Problem:
    if error.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return Problem(500, marked("Internal error"), marked("something went wrong on our side"))
    name = type(error).__name__
    title = _CAMEL.sub(" ", name).capitalize()
    problem = Problem(error.status, title, str(error), _type(name), details=error.details)
    if isinstance(error, errors.InvalidInput):
        problem.errors = list(pointers(error.fields))
    elif isinstance(error, errors.Refused):
        problem.reasons = list(error.reasons)
    elif isinstance(error, errors.NotAuthenticated):
        problem.headers["WWW-Authenticate"] = 'Bearer realm="pitboss"'
    elif isinstance(error, errors.TooMany):
        problem.headers["Retry-After"] = str(error.retry_after_seconds)
    elif isinstance(error, errors.Unavailable):
        problem.headers["Retry-After"] = str(RETRY_SECONDS)
    return problem


def _of_werkzeug(error: HTTPException) -> Problem:
    data = getattr(error, "data", None) or {}
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    problem = Problem(status, error.name, data.get("message") or error.description or "")
    messages = data.get("errors") or data.get("messages")
    if messages:
        problem.errors = _located(messages)
        problem.detail = data.get("message") or "some fields do not fit"
    if isinstance(error, UnprocessableEntity):
        problem.title, problem.type = marked("Invalid input"), _type("InvalidInput")
    for key, value in [*error.get_headers(), *(data.get("headers") or {}).items()]:
        if key.lower() in _PASSED_HEADERS:
            problem.headers[key] = value
    return problem


def _located(messages: Mapping[str, Any]) -> list[dict[str, str]]:
    found = []
    for location, tree in messages.items():
        is_place = location in _LOCATIONS
        for entry in pointers(tree if is_place else {location: tree}):
            found.append(entry | {"in": location if is_place else "json"})
    return found


def _unavailable(detail: str) -> Problem:
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return Problem(503, "Unavailable", detail, _type("Unavailable"), headers=headers)


def _type(name: str) -> str:
    return f"urn:pitboss:problem:{_CAMEL.sub('-', name).lower()}"
