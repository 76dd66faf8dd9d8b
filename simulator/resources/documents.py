"""Documents of bills: raw uploads that are complete after a while. /v3/documents"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from simulator.core.body import Body, NotBlank
from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented
from simulator.core.joins import Join
from simulator.core.listing import TEXT, Grammar, ListQuery, filter_field
from simulator.core.resource import Listed, Resource
from simulator.core.roles import ENTER_BILLS
from simulator.core.rows import Answer, Hidden, Instant, Row, changed, shape
from simulator.core.simulations import NoDetails, when
from simulator.resources import files
from simulator.resources.bill_rows import bills

# BILL reference: an upload takes "a few minutes".
PROCESSING = timedelta(minutes=2)


class UploadStatus(StrEnum):
    """How far an upload is."""

    IN_PROGRESS = "IN_PROGRESS"
    UPLOADED = "UPLOADED"


class IdsQuery(Body):
    """Which uploads: ids joined by commas."""

    ids: NotBlank


@shape
class Document(Row):
    """A file at a bill, once it is complete."""

    id: str
    name: str | None = None
    created_time: Instant | None = None
    download_link: str | None = None
    bill_id: Annotated[str, Hidden]


@shape
class Upload(Row):
    """A file on its way: the answer to an upload has nothing but its id."""

    id: str
    name: Annotated[str, Hidden]
    bill_id: Annotated[str, Hidden]
    document_id: Annotated[str | None, Hidden] = None

    @property
    def status(self) -> UploadStatus:
        """How far it is."""
        return UploadStatus.UPLOADED if self.document_id else UploadStatus.IN_PROGRESS


@shape
class UploadStatusAnswer(Answer):
    """How far an upload is, and the document it became."""

    document_id: str | None = None
    upload_id: str
    status: UploadStatus


documents = Resource(
    "documents",
    "/v3/documents",
    Document,
    prefix="00h",
    join=Join(
        lambda ctx, document: ctx.origin,
        lambda ctx, document: changed(document, download_link=files.link(ctx, document.id)),
    ),
)
uploads = Resource("uploads", "/v3/documents", Upload, prefix="0du")

_OF_BILL = filter_field("billId", TEXT, "eq")
_GRAMMAR = Grammar()


@documents.rule(
    "An upload answers only its 0du id; two minutes later it is a 00h document of the bill.",
    documented("BILL reference: Create a bill document, a few minutes; the two are assumed"),
)
@uploads.operation(
    "POST",
    "/bills/{billId}",
    query=files.NameQuery,
    body=bytes,
    roles=ENTER_BILLS,
    evidence=documented("BILL reference: Create a bill document (raw bytes, answers 200)"),
)
def upload(ctx: Ctx, bill_id: str, query: files.NameQuery, content: bytes) -> Upload:
    """Upload a document of a bill."""
    ctx.get(bills, bill_id)
    new = ctx.put(uploads, Upload(id=ctx.new_id(uploads.prefix), name=query.name, bill_id=bill_id))
    files.keep(ctx, new.id, query.name, content)
    ctx.schedule(ctx.now + PROCESSING, "document.processed", new.id)
    return new


@documents.timer("document.processed")
def when_processed(ctx: Ctx, upload_id: str) -> None:
    """An upload becomes a document, unless it has already."""
    if ctx.get(uploads, upload_id).document_id is None:
        _process(ctx, upload_id)


def _process(ctx: Ctx, upload_id: str) -> Document:
    done = ctx.get(uploads, upload_id)
    document = ctx.put(
        documents,
        Document(
            id=ctx.new_id(documents.prefix),
            name=done.name,
            created_time=ctx.record_time,
            bill_id=done.bill_id,
        ),
    )
    ctx.put(uploads, changed(done, document_id=document.id))
    stored = ctx.get(files.files, upload_id)
    ctx.drop(files.files, upload_id)
    files.keep(ctx, document.id, stored.name, stored.content)
    return document


@uploads.simulation(
    "document.processed",
    states=when("status", {UploadStatus.IN_PROGRESS}),
    course="two minutes after the upload",
    evidence=assumed("a control of the simulator; BILL's processing has no call"),
)
def processed(ctx: Ctx, upload_id: str, details: NoDetails) -> Upload:
    """BILL is done with an upload."""
    _process(ctx, upload_id)
    return ctx.get(uploads, upload_id)


@documents.operation(
    "GET",
    "/bills/{billId}",
    listing=_GRAMMAR,
    evidence=documented("BILL reference: Get list of bill documents"),
)
def list_documents(ctx: Ctx, bill_id: str, listing: ListQuery) -> Listed:
    """List the complete documents of a bill."""
    ctx.get(bills, bill_id)
    return documents.page(ctx, _GRAMMAR, listing, (_OF_BILL.equals(bill_id),))


@uploads.operation(
    "GET",
    "/upload-status",
    query=IdsQuery,
    evidence=documented("BILL reference: Get document upload status (bare array)"),
)
def upload_status(ctx: Ctx, query: IdsQuery) -> list[UploadStatusAnswer]:
    """Tell how far uploads are."""
    answers = []
    for upload_id in query.ids.split(","):
        found = ctx.get(uploads, upload_id.strip())
        answers.append(
            UploadStatusAnswer(
                document_id=found.document_id,
                upload_id=found.id,
                status=found.status,
            )
        )
    return answers


documents.retrieve("documentId", evidence=documented("BILL reference: Get document details"))
