"""The calls made to a world, and why each got its answer. /_sim/worlds/{w}/requests"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from http import HTTPMethod
from itertools import islice
from typing import Any

from aiohttp import web

from simulator.control.calls import answer
from simulator.control.problems import Problem
from simulator.core.errors import CATALOGUE
from simulator.core.journal import Content, Entry
from simulator.core.resource import CONNECT
from simulator.core.rows import iso
from simulator.core.world import World
from simulator.resources.catalogue import known_operations

Test = Callable[[Entry], bool]

_STATUS = re.compile(r"[1-5](\d\d|xx)", re.ASCII | re.IGNORECASE)
_MOST = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_NUMBER = re.compile(r"request-([1-9]\d{0,17})", re.ASCII)
_CUT = "cut"


async def list_requests(request: web.Request, world: World) -> web.Response:
    """List the calls that fit every filter given, newest first."""
    given = request.query
    for name in given:
        if name not in _FILTERS and name != "max":
            known = ", ".join((*_FILTERS, "max"))
            raise Problem(400, f"{name}: is no filter of requests; there are {known}.")
        if len(given.getall(name)) > 1:
            raise Problem(400, f"{name}: is given more than once.")
    tests = [_FILTERS[name](value) for name, value in given.items() if name != "max"]
    fitting = (entry for entry in reversed(world.journal) if all(test(entry) for test in tests))
    return answer({"results": [_brief(entry) for entry in _first(fitting, given.get("max"))]})


async def get_request(request: web.Request, world: World) -> web.Response:
    """Tell one call: what was sent and answered, and why."""
    entry_id = request.match_info["id"]
    entry = world.journal.find(entry_id)
    if entry is None:
        raise Problem(404, f"{entry_id!r} is no request of {world.name} that is still kept.")
    return answer(
        {
            **_brief(entry),
            "request": {
                "headers": entry.headers,
                **_content(entry.sent, entry.request, entry.request_is_whole),
            },
            "response": _content(entry.answered, entry.response, entry.response_is_whole),
            "explain": entry.explain,
        }
    )


def _first(entries: Iterator[Entry], most: str | None) -> Iterator[Entry]:
    if most is None:
        return entries
    if not _MOST.fullmatch(most):
        raise Problem(400, f"max: {most!r} is not a number from 1 up.")
    return islice(entries, int(most))


def _brief(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "time": iso(entry.time),
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "operation": entry.operation,
        "parameters": entry.parameters,
        "status": entry.status,
        "codes": entry.codes,
        "userId": entry.user_id,
        "organizationId": entry.organization_id,
        "writes": [write._asdict() for write in entry.writes],
    }


def _content(content: Content, text: str | None, whole: bool) -> dict[str, Any]:
    """Size and type of a body; with its JSON, which is `whole` if it is all of it."""
    told: dict[str, Any] = {"size": content.size}
    if content.size:
        told["mediaType"] = content.media_type
    if text is not None:
        told["whole"] = whole
        told["body"] = json.loads(text)
    return told


def _operation(value: str) -> Test:
    wanted = {
        known.key
        for known in known_operations()
        for path in (known.path, _short(known.path))
        if value in (path, f"{known.method} {path}")
    }
    if not wanted:
        raise Problem(400, f"operation: {value!r} is none of BILL's; /_sim/operations lists them.")
    return lambda entry: entry.operation in wanted


def _short(path: str) -> str:
    return path.removeprefix(CONNECT)


def _status(value: str) -> Test:
    if value == _CUT:
        return lambda entry: entry.status is None
    if not _STATUS.fullmatch(value):
        raise Problem(400, f"status: {value!r} is none like 422, 4xx or cut.")
    digits = value.lower().rstrip("x")
    return lambda entry: entry.status is not None and str(entry.status).startswith(digits)


def _code(value: str) -> Test:
    if value not in CATALOGUE and value not in {known.code for known in CATALOGUE.values()}:
        raise Problem(400, f"code: {value!r} is no refusal of BILL's that is known here.")
    return lambda entry: value in entry.codes or value in entry.keys


def _method(value: str) -> Test:
    if value.upper() not in set(HTTPMethod):
        raise Problem(400, f"method: {value!r} is none of {', '.join(HTTPMethod)}.")
    return lambda entry: entry.method == value.upper()


def _path(value: str) -> Test:
    wanted = value.replace("[", "[[]")
    return lambda entry: any(fnmatchcase(path, wanted) for path in (entry.path, _short(entry.path)))


def _since(value: str) -> Test:
    number = _NUMBER.fullmatch(value)
    if number is None:
        raise Problem(400, f"since: {value!r} is no id like request-12.")
    return lambda entry: entry.number > int(number[1])


# What requests can be narrowed down by: each reads its value, or refuses it.
_FILTERS: dict[str, Callable[[str], Test]] = {
    "operation": _operation,
    "status": _status,
    "code": _code,
    "method": _method,
    "path": _path,
    "since": _since,
}
