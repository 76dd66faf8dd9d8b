"""Attachments of customers, invoices and vendors over HTTP."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.refusals import check_faults, check_refused
from tests.resources.approvals import signed_in
from tests.resources.partnership import neighbour
from tests.resources.payables import A_MINUTE_LATER, NO_DATA, NO_PERMISSION, NOW, UNKNOWN_VENDOR
from tests.resources.receivables import (
    NO_ID,
    UNKNOWN_CUSTOMER,
    UNKNOWN_INVOICE,
    new_customer,
    new_invoice,
    read_invoice,
)
from tests.resources.uploads import LARGEST, PDF, fetch, fetch_refused, upload

ATTACHMENTS = "/v3/attachments"
OWNERS = ["customers", "invoices", "vendors"]
UNKNOWN = {
    "customers": UNKNOWN_CUSTOMER,
    "invoices": UNKNOWN_INVOICE,
    "vendors": UNKNOWN_VENDOR,
}


async def new_owner(client: BillClient, kind: str) -> str:
    """The path of the attachments of a new record."""
    if kind == "vendors":
        owner = await client.new_vendor()
    else:
        owner = await new_customer(client)
        if kind == "invoices":
            owner = await new_invoice(client, owner["id"])
    return f"{ATTACHMENTS}/{kind}/{owner['id']}"


async def attach(client: BillClient, path: str, name: str = "invoice.pdf") -> dict[str, Any]:
    answer = await upload(client, path, name=name)
    assert answer.status == 200, answer.body
    return dict(answer.body)


async def names(client: BillClient, path: str) -> list[str]:
    return [one["name"] for one in (await client.get(path)).body["results"]]


@pytest.mark.parametrize("kind", OWNERS)
async def test_an_attachment_is_there_at_once(client: BillClient, kind: str) -> None:
    path = await new_owner(client, kind)
    content = bytes(range(256))
    answer = await upload(client, path, content, name="Drum & pedal.bin", content_type="a/b")
    assert answer.status == 200
    attachment = answer.body
    assert re.fullmatch(r"att02[A-Z]{10}[0-9a-z]{5}", attachment["id"])
    assert attachment == {
        "id": attachment["id"],
        "name": "Drum & pedal.bin",
        "createdTime": NOW,
        "downloadLink": f"{client.origin}/is/BillFileServlet/{attachment['id']}",
    }
    assert (await client.get(f"{ATTACHMENTS}/{attachment['id']}")).body == attachment
    assert (await client.get(path)).body == {"results": [attachment]}
    assert (await fetch(client, attachment["downloadLink"])).content == content


@pytest.mark.parametrize("kind", OWNERS)
async def test_a_deleted_attachment_is_gone_for_good(client: BillClient, kind: str) -> None:
    path = await new_owner(client, kind)
    attachment, _ = await attach(client, path, "a.pdf"), await attach(client, path, "b.pdf")
    own = f"{ATTACHMENTS}/{attachment['id']}"
    answer = await client.delete(own)
    assert (answer.status, answer.body) == (200, {"status": "SUCCESS"})
    assert await names(client, path) == ["b.pdf"]
    check_refused(await client.get(own), 404, NO_DATA)
    check_refused(await client.delete(own), 404, NO_DATA)
    session = {"sessionId": client.headers["sessionId"]}
    gone = await fetch_refused(client, attachment["downloadLink"], **session)
    check_refused(gone, 404, NO_DATA)


@pytest.mark.parametrize("kind", OWNERS)
async def test_a_record_lists_its_own_attachments_in_pages(client: BillClient, kind: str) -> None:
    path, other = await new_owner(client, kind), await new_owner(client, kind)
    for number in range(5):
        await attach(client, path, f"{number}.pdf")
        await attach(client, other, "other.pdf")
    found, query = [], "?max=2&sort=nonsense&filters=nonsense"
    while query:
        page = (await client.get(path + query)).body
        found.append([one["name"] for one in page["results"]])
        query = f"?max=2&page={page['nextPage']}" if "nextPage" in page else ""
    assert found == [["0.pdf", "1.pdf"], ["2.pdf", "3.pdf"], ["4.pdf"]]


@pytest.mark.parametrize("kind", OWNERS)
async def test_an_upload_needs_a_known_record_a_name_and_bytes(
    client: BillClient, kind: str
) -> None:
    path = await new_owner(client, kind)
    unknown = f"{ATTACHMENTS}/{kind}/{UNKNOWN[kind]}"
    check_refused(await upload(client, unknown), 404, NO_DATA)
    check_refused(await client.get(unknown), 404, NO_DATA)
    told = "Required request parameter 'name' for method parameter type String is not present"
    check_faults(await client.post(path, raw=PDF), told)
    check_faults(await upload(client, path, b""), "Required request body is missing")
    assert await names(client, path) == []


@pytest.mark.parametrize("kind", OWNERS)
async def test_six_megabytes_are_the_most(client: BillClient, kind: str) -> None:
    path = await new_owner(client, kind)
    told = f"The file has {LARGEST + 1} bytes; at most {LARGEST} are allowed."
    check_refused(await upload(client, path, bytes(LARGEST + 1)), 413, (None, told))
    assert await names(client, path) == []
    assert (await upload(client, path, bytes(LARGEST))).status == 200


@pytest.mark.parametrize("kind", OWNERS)
async def test_attachments_stay_within_their_organization(client: BillClient, kind: str) -> None:
    path = await new_owner(client, kind)
    attachment = await attach(client, path)
    own = f"{ATTACHMENTS}/{attachment['id']}"
    other = await neighbour(client)
    check_refused(await upload(other, path), 404, NO_DATA)
    check_refused(await other.get(path), 404, NO_DATA)
    check_refused(await other.get(own), 404, NO_DATA)
    check_refused(await other.delete(own), 404, NO_DATA)
    session = {"sessionId": other.headers["sessionId"]}
    link = attachment["downloadLink"]
    check_refused(await fetch_refused(client, link, **session), 404, NO_DATA)
    assert await names(client, path) == ["invoice.pdf"]


@pytest.mark.parametrize(
    ("kind", "role", "may"),
    [
        *((kind, role, True) for kind in OWNERS for role in ("ADMINISTRATOR", "ACCOUNTANT")),
        ("vendors", "CLERK", True),
        ("customers", "CLERK", False),
        ("invoices", "CLERK", False),
        *((kind, role, False) for kind in OWNERS for role in ("APPROVER", "PAYER", "AUDITOR")),
    ],
)
async def test_who_may_attach_may_delete_and_everybody_reads(
    client: BillClient, kind: str, role: str, may: bool
) -> None:
    path = await new_owner(client, kind)
    attachment = await attach(client, path)
    own = f"{ATTACHMENTS}/{attachment['id']}"
    user = await signed_in(client, role)
    assert (await user.get(own)).body == attachment
    assert (await user.get(path)).body == {"results": [attachment]}
    if may:
        assert (await upload(user, path)).status == 200
        assert (await user.delete(own)).status == 200
    else:
        check_refused(await upload(user, path), 403, NO_PERMISSION)
        check_refused(await user.delete(own), 403, NO_PERMISSION)
        assert (await client.get(own)).status == 200


async def new_invoice_and_path(client: BillClient) -> tuple[dict[str, Any], str]:
    invoice = await new_invoice(client, (await new_customer(client))["id"])
    return invoice, f"{ATTACHMENTS}/invoices/{invoice['id']}"


async def test_a_pdf_can_take_the_place_of_the_invoice(client: BillClient) -> None:
    invoice, path = await new_invoice_and_path(client)
    assert invoice["invoicePdfId"] == NO_ID
    for more in ("", "&replaceInvoicePdf=false"):
        assert (await upload(client, path, more=more)).status == 200
        assert await read_invoice(client, invoice) == invoice
    await client.advance(sign_in=False, seconds=60)
    first = (await upload(client, path, more="&replaceInvoicePdf=true")).body
    changed = await read_invoice(client, invoice)
    assert changed == {**invoice, "invoicePdfId": first["id"], "updatedTime": A_MINUTE_LATER}
    second = (await upload(client, path, more="&replaceInvoicePdf=true")).body
    assert (await read_invoice(client, invoice))["invoicePdfId"] == second["id"]
    assert await names(client, path) == ["invoice.pdf"] * 4


async def test_only_a_pdf_can(client: BillClient) -> None:
    invoice, path = await new_invoice_and_path(client)
    answer = await upload(client, path, b"no PDF", more="&replaceInvoicePdf=true")
    check_refused(answer, 422, (None, "invoice.pdf is not a PDF file."))
    assert await read_invoice(client, invoice) == invoice
    assert await names(client, path) == []
    assert (await upload(client, path, b"no PDF")).status == 200


async def test_whether_to_replace_is_a_boolean(client: BillClient) -> None:
    _, path = await new_invoice_and_path(client)
    answer = await upload(client, path, more="&replaceInvoicePdf=perhaps")
    told = (
        "Failed to convert value of type 'java.lang.String' to required type"
        " 'java.lang.Boolean'; For input string: \"perhaps\""
    )
    check_faults(answer, told)
    assert await names(client, path) == []


async def test_an_invoice_loses_a_pdf_that_is_deleted(client: BillClient) -> None:
    invoice, path = await new_invoice_and_path(client)
    old = (await upload(client, path, more="&replaceInvoicePdf=true")).body
    new = (await upload(client, path, more="&replaceInvoicePdf=true")).body
    await client.delete(f"{ATTACHMENTS}/{old['id']}")
    assert (await read_invoice(client, invoice))["invoicePdfId"] == new["id"]
    await client.delete(f"{ATTACHMENTS}/{new['id']}")
    assert (await read_invoice(client, invoice))["invoicePdfId"] == NO_ID


async def test_nothing_else_takes_the_place_of_a_pdf(client: BillClient) -> None:
    path = await new_owner(client, "vendors")
    answer = await upload(client, path, b"no PDF", more="&replaceInvoicePdf=true")
    assert answer.status == 200


async def test_worlds_keep_their_attachments_apart(make_client: MakeClient) -> None:
    here, there = await make_client(seed=7), await make_client(seed=7)
    path = await new_owner(here, "vendors")
    attachment = await attach(here, path)
    check_refused(await there.get(f"{ATTACHMENTS}/{attachment['id']}"), 404, NO_DATA)
    check_refused(await there.get(path), 404, NO_DATA)
