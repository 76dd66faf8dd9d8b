"""What a request brings, as bytes and texts: still to be validated."""

from __future__ import annotations

from aiohttp import web

from simulator.core.errors import refuse

# No limit of BILL's is published but 6 MB for an attachment; this is above it.
LARGEST_BODY = 8 * 1024 * 1024


async def read_raw(request: web.Request, *, is_file: bool) -> bytes:
    """The body; unless it is a file, its type must be JSON. Raises `Refusal`."""
    if (request.content_length or 0) > LARGEST_BODY:
        raise refuse("body.too_large")
    if not request.can_read_body:
        return b""
    content_type = request.content_type
    if not is_file and content_type != "application/json" and not content_type.endswith("+json"):
        told = request.headers.get("Content-Type", "application/octet-stream")
        raise refuse("body.media_type", type=told)
    try:
        # What has come already need not be waited for.
        content = request.content
        return content.read_nowait() if content.is_eof() else await request.read()
    except web.RequestPayloadError:
        raise refuse("json.malformed", problem="the body cannot be decoded") from None


def query_texts(request: web.Request) -> dict[str, str]:
    """The parameters of the query."""
    if not request.rel_url.raw_query_string:
        return {}
    given = request.query
    # Spring joins a repeated parameter with commas.
    return {name: ",".join(given.getall(name)) for name in given}
