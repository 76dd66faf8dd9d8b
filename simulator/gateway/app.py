"""The aiohttp application: BILL's paths and the control plane."""

from __future__ import annotations

from aiohttp import web

from simulator.control.app import make_control_app
from simulator.gateway.pipeline import LARGEST_BODY, Gateway, Target
from simulator.gateway.routing import Router
from simulator.resources.catalogue import known_operations, operations
from simulator.worlds import Worlds


def make_router() -> Router[Target]:
    """Routes of every built operation and of every gap."""
    built = operations()
    gaps = (known for known in known_operations() if known.key not in built)
    targets: list[Target] = [*built.values(), *gaps]
    return Router(targets)


def make_app(worlds: Worlds) -> web.Application:
    """An application that serves `worlds`: BILL's paths and the control plane."""
    gateway = Gateway(worlds, make_router())
    app = web.Application(client_max_size=LARGEST_BODY)
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
