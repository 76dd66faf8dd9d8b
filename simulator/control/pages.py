"""For people: the overview, the page of the API, and the contract behind it. /_sim/

The assets lie in the package: nothing is fetched from anywhere else, and the
pages may run nothing but them.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from aiohttp import ETag, web

_HTML = "text/html; charset=utf-8"
_SCRIPT = "text/javascript; charset=utf-8"
_STYLE = "text/css; charset=utf-8"
# By the name in the URL: the file below assets/, and its media type.
_ASSETS = {
    "page.css": ("page.css", _STYLE),
    "page.js": ("page.js", _SCRIPT),
    "docs.js": ("docs.js", _SCRIPT),
    "control.js": ("control.js", _SCRIPT),
    "swagger-ui.css": ("swagger-ui/swagger-ui.css.gz", _STYLE),
    "swagger-ui-bundle.js": ("swagger-ui/swagger-ui-bundle.js.gz", _SCRIPT),
}
# What is the same for every caller and tells nothing of a world.
PUBLIC = frozenset(
    {
        *(f"/_sim{path}" for path in ("", "/", "/docs", "/openapi.json", "/fidelity")),
        *(f"/_sim/assets/{name}" for name in _ASSETS),
    }
)
_SAFE = {
    # Swagger UI draws its icons from data URLs.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Kept by the browser, but asked for each time: a new version shows at once.
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}


@dataclass(frozen=True, slots=True)
class Content:
    """Something that is the same for every caller, kept compressed and with its tag."""

    packed: bytes
    media_type: str
    tag: str

    @classmethod
    def of(cls, plain: bytes, media_type: str) -> Content:
        """`plain` as it is to be kept."""
        return cls.of_packed(gzip.compress(plain, mtime=0), media_type)

    @classmethod
    def of_packed(cls, packed: bytes, media_type: str) -> Content:
        """What was compressed by gzip already."""
        return cls(packed, media_type, sha256(packed).hexdigest()[:32])


def _sent(request: web.Request, content: Content) -> web.Response:
    headers = {**_SAFE, "Content-Type": content.media_type}
    known = request.if_none_match or ()
    if any(one.value in ("*", content.tag) for one in known):
        response = web.Response(status=304, headers=_SAFE)
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        response = web.Response(body=content.packed, headers=headers)
    else:
        response = web.Response(body=gzip.decompress(content.packed), headers=headers)
    # Weak: packed or not, it is the same.
    response.etag = ETag(content.tag, is_weak=True)
    return response


@cache
def _file(name: str, media_type: str) -> Content:
    held = files("simulator.control").joinpath("assets", *name.split("/")).read_bytes()
    if name.endswith(".gz"):
        return Content.of_packed(held, media_type)
    return Content.of(held, media_type)


@cache
def _contract() -> Content:
    # A start should not wait for what few ask for.
    from simulator.openapi import encoded

    return Content.of(encoded(), "application/json")


@cache
def _fidelity() -> Content:
    # It reads the sources of the simulator; nobody else needs its module.
    from simulator.fidelity import fidelity_page

    return Content.of(fidelity_page().encode(), "text/plain; charset=utf-8")


def _page(name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def page(request: web.Request) -> web.Response:
        return _sent(request, _file(name, _HTML))

    return page


async def get_asset(request: web.Request) -> web.Response:
    """A script or a style sheet of the pages."""
    found = _ASSETS.get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    return _sent(request, _file(*found))


async def get_contract(request: web.Request) -> web.Response:
    """BILL's API as it is served, as an OpenAPI document."""
    return _sent(request, await asyncio.to_thread(_contract))


async def get_fidelity(request: web.Request) -> web.Response:
    """What is known and what is assumed: docs/fidelity.md of this very version."""
    return _sent(request, await asyncio.to_thread(_fidelity))


async def to_overview(request: web.Request) -> web.Response:
    """The overview lies behind the slash, so that its links hold."""
    raise web.HTTPFound("/_sim/")


def add_pages(router: web.UrlDispatcher) -> None:
    """Add the pages, what they are made of, and the contract."""
    router.add_get("", to_overview)
    router.add_get("/", _page("page.html"))
    router.add_get("/docs", _page("docs.html"))
    router.add_get("/assets/{name}", get_asset)
    router.add_get("/openapi.json", get_contract)
    router.add_get("/fidelity", get_fidelity)
