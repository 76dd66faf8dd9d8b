"""What every call of the control plane needs: its world, its body, its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from simulator.control.problems import Problem
from simulator.core.rows import camel
from simulator.core.world import World
from simulator.webhooks.dispatcher import Dispatcher
from simulator.worlds import Worlds

M = TypeVar("M", bound=BaseModel)

WORLDS: web.AppKey[Worlds] = web.AppKey("worlds", Worlds)
DISPATCHER: web.AppKey[Dispatcher] = web.AppKey("dispatcher", Dispatcher)
LARGEST_BODY = 64 * 1024


class ControlRequest(BaseModel):
    """Base of the bodies of the control plane: camelCase, unknown members are refused."""

    model_config = ConfigDict(alias_generator=camel, extra="forbid", defer_build=True)


def in_world(
    handler: Callable[[web.Request, World], Awaitable[web.StreamResponse]],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Give a handler the world its path names; refuse one that is not there."""

    async def found(request: web.Request) -> web.StreamResponse:
        name = request.match_info["world"]
        world = request.app[WORLDS].find(name)
        if world is None:
            raise Problem(404, f"There is no world {name!r}.")
        return await handler(request, world)

    return found


async def _raw(request: web.Request) -> bytes:
    try:
        raw = await request.read()
    except web.RequestPayloadError:
        raise Problem(400, "body: it cannot be decoded.") from None
    if len(raw) > LARGEST_BODY:
        raise Problem(413, f"The body has {len(raw)} bytes; at most {LARGEST_BODY} are read.")
    return raw or b"{}"


async def read_body(request: web.Request, model: type[M]) -> M:
    """The JSON body of a call as `model`. Raises Problem."""
    try:
        return model.model_validate_json(await _raw(request))
    except ValidationError as failure:
        raise Problem(400, faults_of(failure)) from None


async def read_json(request: web.Request) -> dict[str, Any]:
    """The JSON object of a call. Raises Problem."""
    try:
        data = from_json(await _raw(request))
    except ValueError as failure:
        raise Problem(400, f"body: {failure}") from None
    if not isinstance(data, dict):
        raise Problem(400, "body: Input should be an object")
    return data


def faults_of(failure: ValidationError) -> str:
    """What is wrong with a body, member by member."""
    return "; ".join(
        f"{'.'.join(map(str, error['loc'])) or 'body'}: {error['msg']}"
        for error in failure.errors(include_url=False)
    )


def answer(data: Any, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.json_response(data, status=status)
