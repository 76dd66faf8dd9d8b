"""Files attached to customers, invoices and vendors. /v3/attachments"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented
from simulator.core.joins import Join
from simulator.core.listing import TEXT, Grammar, ListQuery, filter_field
from simulator.core.resource import Listed, Resource
from simulator.core.roles import ENTER_BILLS, MANAGE_RECEIVABLES, Role
from simulator.core.rows import Answer, Hidden, Instant, Row, changed, shape
from simulator.resources import files
from simulator.resources.customers import customers
from simulator.resources.invoice_rows import NO_PDF, invoices
from simulator.resources.vendor_rows import vendors


class Deleted(StrEnum):
    """The outcome of a deletion."""

    SUCCESS = "SUCCESS"


class InvoiceNameQuery(files.NameQuery):
    """`replaceInvoicePdf` makes the file the invoice's own PDF."""

    replace_invoice_pdf: bool | None = None


@shape
class Attachment(Row):
    """A file at a record."""

    id: str
    name: str
    created_time: Instant
    download_link: str | None = None
    owner_id: Annotated[str, Hidden]


@shape
class DeletedAnswer(Answer):
    """The attachment is gone for good."""

    status: Deleted


attachments = Resource(
    "attachments",
    "/v3/attachments",
    Attachment,
    prefix="att",
    join=Join(
        lambda ctx, attachment: ctx.origin,
        lambda ctx, attachment: changed(attachment, download_link=files.link(ctx, attachment.id)),
    ),
)
attachments.rule(
    "An upload is complete at once.",
    assumed("BILL says it takes a few minutes, but answers the whole attachment"),
)

_OWNER = filter_field("ownerId", TEXT, "eq")
_GRAMMAR = Grammar()


def of_owner(ctx: Ctx, owner_id: str) -> list[Attachment]:
    """The attachments of a record, oldest first."""
    return ctx.table(attachments).rows_with(_OWNER.name, _OWNER.get, owner_id)


def _attach(ctx: Ctx, owner_id: str, name: str, content: bytes) -> Attachment:
    attachment = Attachment(
        id=ctx.new_id(attachments.prefix),
        name=name,
        created_time=ctx.record_time,
        owner_id=owner_id,
    )
    files.keep(ctx, attachment.id, name, content)
    return ctx.put(attachments, attachment)


def _declare(owners: Resource[Any], parameter: str, roles: frozenset[Role]) -> None:
    """Attaching files to one kind of record, and listing them."""
    source = documented(f"BILL reference: attachments of {owners.name}")

    def list_attachments(ctx: Ctx, owner_id: str, listing: ListQuery) -> Listed:
        """List the attachments of a record."""
        ctx.get(owners, owner_id)
        return attachments.page(ctx, _GRAMMAR, listing, (_OWNER.equals(owner_id),))

    def attach(ctx: Ctx, owner_id: str, query: files.NameQuery, content: bytes) -> Attachment:
        """Attach a file to a record."""
        ctx.get(owners, owner_id)
        return _attach(ctx, owner_id, query.name, content)

    path = f"/{owners.name}/{{{parameter}}}"
    attachments.operation("GET", path, listing=_GRAMMAR, evidence=source)(list_attachments)
    if owners is not invoices:
        attachments.operation(
            "POST", path, query=files.NameQuery, body=bytes, roles=roles, evidence=source
        )(attach)


_declare(customers, "customerId", MANAGE_RECEIVABLES)
_declare(invoices, "invoiceId", MANAGE_RECEIVABLES)
_declare(vendors, "vendorId", ENTER_BILLS)


@attachments.rule(
    "replaceInvoicePdf takes a file that is a PDF and makes it the invoice's invoicePdfId.",
    documented("BILL guide: Invoice PDF email attachments; the member is assumed"),
)
@attachments.operation(
    "POST",
    "/invoices/{invoiceId}",
    query=InvoiceNameQuery,
    body=bytes,
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: attachments of invoices"),
)
def attach_to_invoice(
    ctx: Ctx, invoice_id: str, query: InvoiceNameQuery, content: bytes
) -> Attachment:
    """Attach a file to an invoice."""
    invoice = ctx.get(invoices, invoice_id)
    if query.replace_invoice_pdf and not content.startswith(b"%PDF-"):
        raise refuse("attachment.not_pdf", name=query.name)
    attachment = _attach(ctx, invoice_id, query.name, content)
    if query.replace_invoice_pdf:
        invoice = changed(invoice, invoice_pdf_id=attachment.id, updated_time=ctx.record_time)
        ctx.put(invoices, invoice)
        ctx.emit("invoice.updated", invoice)
    return attachment


attachments.retrieve("attachmentId", evidence=documented("BILL reference: Get attachment details"))


@attachments.rule(
    "Who may attach a file to a record may delete it; an invoice loses a PDF that is deleted.",
    assumed("BILL calls the deletion final and tells no more"),
)
@attachments.operation(
    "DELETE",
    "/{attachmentId}",
    roles=ENTER_BILLS | MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Delete an attachment (for good)"),
)
def delete(ctx: Ctx, attachment_id: str) -> DeletedAnswer:
    """Delete an attachment for good."""
    owner_id = ctx.get(attachments, attachment_id).owner_id
    may_delete = MANAGE_RECEIVABLES if ctx.find(vendors, owner_id) is None else ENTER_BILLS
    if ctx.session and ctx.session.role not in may_delete:
        raise refuse("BDC_1145")
    ctx.drop(attachments, attachment_id)
    ctx.drop(files.files, attachment_id)
    invoice = ctx.find(invoices, owner_id)
    if invoice and invoice.invoice_pdf_id == attachment_id:
        ctx.put(invoices, changed(invoice, invoice_pdf_id=NO_PDF, updated_time=ctx.record_time))
    return DeletedAnswer(status=Deleted.SUCCESS)
