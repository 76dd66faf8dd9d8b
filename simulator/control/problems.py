"""Refusals of the control plane: RFC 9457 problem documents."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

log = logging.getLogger(__name__)


class Problem(Exception):
    """A refusal; `detail` names what is wrong and what would be right."""

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        self.detail = detail
        super().__init__(detail)


def problem_response(status: int, detail: str) -> web.Response:
    """`detail` as `application/problem+json`."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return web.Response(
        text=json.dumps(document), status=status, content_type="application/problem+json"
    )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every refusal of the control plane into a problem document."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem_response(problem.status, problem.detail)
    except web.HTTPException as refusal:
        if refusal.status < HTTPStatus.BAD_REQUEST:
            raise
        response = problem_response(refusal.status, refusal.text or refusal.reason)
        if "Allow" in refusal.headers:
            response.headers["Allow"] = refusal.headers["Allow"]
        return response
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return problem_response(500, "The simulator failed; its log has the trace.")
