"""The aiohttp application: BILL's paths and the control plane."""

from __future__ import annotations

from aiohttp import web
from aiohttp.http import HttpVersion10

from simulator.control.app import make_control_app
from simulator.control.calls import DISPATCHER
from simulator.control.guard import Guard
from simulator.control.state import LARGEST_STATE, STATE_FILE
from simulator.core.errors import Refusal, envelope, refuse
from simulator.core.resource import CONNECT
from simulator.gateway.connections import Connection, as_problem, is_control
from simulator.gateway.exchange import Target
from simulator.gateway.pipeline import Gateway
from simulator.gateway.reading import LARGEST_BODY
from simulator.gateway.reply import Reply
from simulator.gateway.routing import Router
from simulator.resources.catalogue import known_operations, operations
from simulator.state_file import StateFile
from simulator.webhooks.dispatcher import Dispatcher
from simulator.webhooks.sender import Sender
from simulator.worlds import Worlds

GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway", Gateway)
GUARD: web.AppKey[Guard] = web.AppKey("guard", Guard)


def make_router() -> Router[Target]:
    """Routes of every built operation and of every gap."""
    built = operations()
    gaps = (known for known in known_operations() if known.key not in built)
    targets: list[Target] = [*built.values(), *gaps]
    return Router(targets)


def make_app(
    worlds: Worlds,
    guard: Guard | None = None,
    sender: Sender | None = None,
    state_file: StateFile | None = None,
    *,
    largest_state: int = LARGEST_BODY,
) -> web.Application:
    """An application that serves `worlds`: BILL's paths and the control plane.

    Without a `guard` it lets in what a server on a loopback address lets in.
    Webhooks go by `sender` while the application runs. `state_file` keeps the
    worlds, `largest_state` bytes are read of a document of a world.
    """
    guard = guard or Guard("127.0.0.1")
    app = web.Application(client_max_size=LARGEST_BODY)
    dispatcher = Dispatcher(worlds, sender or Sender())
    app.on_startup.append(dispatcher.start)
    app.on_cleanup.append(dispatcher.stop)
    gateway = app[GATEWAY] = Gateway(worlds, make_router(), dispatcher.send)
    app[GUARD] = guard
    control = make_control_app(worlds, guard)
    control[DISPATCHER] = dispatcher
    control[LARGEST_STATE] = largest_state
    if state_file:
        control[STATE_FILE] = state_file
    app.add_subapp("/_sim", control)
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


class Entrance:
    """Where requests to `app` come in; a factory of the protocol that `server` speaks.

    Foreign names of the server are refused here, and so is what is no request
    at all. BILL's calls go to the gateway without `app`'s routing, which adds
    nothing to them; whatever is not plainly one of them goes through `app`.
    """

    def __init__(self, app: web.Application, server: web.Server) -> None:
        self._gateway = app[GATEWAY]
        self._guard = app[GUARD]
        self._application = server.request_handler
        self._server = server
        server.request_handler = self.handle

    def __call__(self) -> Connection:
        """The protocol of a new connection."""
        return Connection(self._server, self._refused)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        headers = request.headers
        # Only old clients leave the Host out, and no browser does.
        host = headers.get("Host")
        if host is not None and not self._guard.serves(host):
            return self._refuse(request, refuse("http.foreign_host", host=host))
        if request.version < HttpVersion10:
            # HTTP/0.9 has no headers to answer with.
            problem = f"HTTP/{request.version.major}.{request.version.minor} is not spoken here"
            return self._refuse(request, refuse("http.malformed", problem=problem))
        if (
            isinstance(request, web.Request)
            and request.rel_url.raw_path.startswith(CONNECT)
            # aiohttp's routing answers an Expect.
            and "Expect" not in headers
        ):
            return await self._gateway.handle(request)
        try:
            return await self._application(request)
        except web.HTTPExpectationFailed:
            return self._refuse(request, refuse("http.expectation", expected=headers["Expect"]))
        except web.HTTPNotFound:
            # What has no path at all, such as OPTIONS *, passes by every route.
            assert isinstance(request, web.Request)
            return await self._gateway.handle(request)

    def _refuse(self, request: web.BaseRequest, refusal: Refusal) -> Reply:
        path = request.rel_url.raw_path
        return as_problem(refusal) if is_control(path) else self._refused(refusal)

    def _refused(self, refusal: Refusal) -> Reply:
        # No world is known yet; the default one tells the time.
        now = self._gateway.worlds.default.clock.now()
        return Reply(refusal.status, envelope(refusal, now))
