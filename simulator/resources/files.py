"""Stored files, and the links that give them back.

The names of files are labels: they never become part of a path.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulator.core.body import Body, NotBlank
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented
from simulator.core.resource import Access, Download, Resource
from simulator.core.rows import Row, shape

LARGEST_FILE = 6 * 1024 * 1024
# The place v2 serves files from; v3 publishes no form of its links.
_PATH = "/is/BillFileServlet"


class NameQuery(Body):
    """The file's name, with extension."""

    name: Annotated[NotBlank, Field(max_length=500)]


@shape
class StoredFile(Row):
    """Bytes that a caller uploaded; the id is that of the document or attachment."""

    id: str
    name: str
    content: bytes


files = Resource("files", _PATH, StoredFile, root="")


@files.rule(
    "An upload of more than 6 MB is refused with 413.",
    documented("BILL guide: Documents and attachments, for the limit; the status is assumed"),
)
def keep(ctx: Ctx, file_id: str, name: str, content: bytes) -> None:
    """Store the bytes of a document or attachment."""
    if not content:
        raise refuse("body.missing")
    if len(content) > LARGEST_FILE:
        raise refuse("file.too_large", size=len(content), limit=LARGEST_FILE)
    ctx.put(files, StoredFile(id=file_id, name=name, content=content))


def link(ctx: Ctx, file_id: str) -> str:
    """Where the bytes can be had, as an absolute URL of this server."""
    return f"{ctx.origin}{_PATH}/{file_id}"


@files.rule(
    "A downloadLink needs the sessionId header of the organization that the file belongs to, and"
    " no devKey.",
    documented("BILL reference: downloadLink is fetched with the sessionId header alone"),
)
@files.operation(
    "GET",
    "/{fileId}",
    access=Access.SESSION_ALONE,
    evidence=assumed("BILL publishes no form of its download links"),
)
def download(ctx: Ctx, file_id: str) -> Download:
    """Give back the bytes of a file."""
    stored = ctx.get(files, file_id)
    return Download(stored.content, stored.name)
