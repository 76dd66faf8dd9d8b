"""The aiohttp application: BILL's paths and the control plane."""

from __future__ import annotations

from aiohttp import web

from simulator.control.app import make_control_app
from simulator.core.resource import CONNECT
from simulator.gateway.pipeline import LARGEST_BODY, Gateway, Target
from simulator.gateway.routing import Router
from simulator.resources.catalogue import known_operations, operations
from simulator.worlds import Worlds

GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway", Gateway)


def make_router() -> Router[Target]:
    """Routes of every built operation and of every gap."""
    built = operations()
    gaps = (known for known in known_operations() if known.key not in built)
    targets: list[Target] = [*built.values(), *gaps]
    return Router(targets)


def make_app(worlds: Worlds) -> web.Application:
    """An application that serves `worlds`: BILL's paths and the control plane."""
    app = web.Application(client_max_size=LARGEST_BODY)
    gateway = app[GATEWAY] = Gateway(worlds, make_router())
    app.add_subapp("/_sim", make_control_app(worlds))
    # Whatever is no path of BILL is told so in BILL's own way.
    app.router.add_route("*", "/{path:(?s:.*)}", gateway.handle)
    app.on_response_prepare.append(_clean_headers)
    return app


async def _clean_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Answer with no header that BILL would not send."""
    headers = response.headers
    headers.pop("Server", None)
    if isinstance(response, web.Response) and not response.body:
        headers.pop("Content-Type", None)


def shorten_way(app: web.Application, server: web.Server) -> None:
    """Let `server` hand BILL's calls to the gateway without `app`'s routing, which adds nothing.

    Whatever is not plainly one of them still goes through `app`.
    """
    gateway, application = app[GATEWAY], server.request_handler

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if (
            isinstance(request, web.Request)
            and request.rel_url.raw_path.startswith(CONNECT)
            # aiohttp's routing answers an Expect.
            and "Expect" not in request.headers
        ):
            return await gateway.handle(request)
        return await application(request)

    server.request_handler = handle
