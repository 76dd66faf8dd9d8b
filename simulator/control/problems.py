"""Refusals of the control plane: RFC 9457 problem documents."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"


class Problem(Exception):
    """A refusal; `detail` names what is wrong and what would be right."""

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        self.detail = detail
        super().__init__(detail)


def problem_document(status: int, detail: str) -> bytes:
    """A refusal as the JSON of a problem document."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return json.dumps(document).encode()


def problem_response(status: int, detail: str) -> web.Response:
    """A refusal as an answer."""
    return web.Response(
        body=problem_document(status, detail), status=status, content_type=PROBLEM_JSON
    )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every refusal of the control plane into a problem document."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem_response(problem.status, problem.detail)
    except web.HTTPMethodNotAllowed as refusal:
        allowed = ", ".join(sorted(refusal.allowed_methods))
        response = problem_response(405, f"{request.path} takes {allowed}, not {request.method}.")
        response.headers["Allow"] = allowed
        return response
    except web.HTTPNotFound:
        return problem_response(404, f"The control plane has no path {request.path!r}.")
    except web.HTTPException as refusal:
        if refusal.status < HTTPStatus.BAD_REQUEST:
            raise
        return problem_response(refusal.status, refusal.text or refusal.reason)
    except ConnectionError:
        # The client is gone; nobody waits for an answer.
        raise
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return problem_response(500, "The simulator failed; its log has the trace.")
