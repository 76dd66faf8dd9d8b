"""Documents of bills: uploaded as they are, there some minutes later."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from contract_tests.accounts import Account
from contract_tests.client import Bill
from contract_tests.expectations import NO_DATA, made_as, refused, told
from contract_tests.records import Records
from contract_tests.reporting import Contract
from contract_tests.shapes import DOCUMENT

behaviour = pytest.mark.behaviour
UPLOAD = "POST /connect/v3/documents/bills/{billId}"
GET = "GET /connect/v3/documents/{documentId}"
STATUS = "GET /connect/v3/documents/upload-status"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
NAME = "contract.pdf"
# Between two looks at an upload.
LOOK = 20.0


async def upload(bill: Bill, records: Records) -> str:
    """The id of an upload to a bill of its own."""
    made = await records.a_bill((await records.vendor())["id"])
    answer = await bill.post(f"/v3/documents/bills/{made['id']}?name={NAME}", raw=PDF)
    upload_id = str(told(answer, 200)["id"])
    records.own.add(upload_id)
    return upload_id


@behaviour(UPLOAD)
async def test_an_upload_answers_with_its_id_alone(bill: Bill, records: Records) -> None:
    made = await records.a_bill((await records.vendor())["id"])
    answer = await bill.post(f"/v3/documents/bills/{made['id']}?name={NAME}", raw=PDF)
    assert list(told(answer, 200)) == ["id"]
    assert answer.body["id"].startswith("0du")


@behaviour(UPLOAD, "parameter.missing")
async def test_an_upload_names_its_file(bill: Bill, records: Records) -> None:
    made = await records.a_bill((await records.vendor())["id"])
    answer = await bill.post(f"/v3/documents/bills/{made['id']}", raw=PDF)
    assert answer.status == 400


@behaviour(UPLOAD, "BDC_1205")
async def test_an_unknown_bill_gets_no_document(bill: Bill) -> None:
    path = f"/v3/documents/bills/00n02AAAAAAAAAAzzzzz?name={NAME}"
    refused(await bill.post(path, raw=PDF), 404, "BDC_1205", NO_DATA)


@behaviour(GET, "BDC_1205")
async def test_an_unknown_document_is_not_found(bill: Bill) -> None:
    refused(await bill.get("/v3/documents/00h02AAAAAAAAAAzzzzz"), 404, "BDC_1205", NO_DATA)


@behaviour(STATUS)
async def test_the_status_of_an_upload_is_told(bill: Bill, records: Records) -> None:
    upload_id = await upload(bill, records)
    status = told(await bill.get(f"/v3/documents/upload-status?ids={upload_id}"), 200)
    assert [one["uploadId"] for one in status] == [upload_id]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def document_id(contract: Contract, account: Account, bill: Bill, records: Records) -> str:
    """The id of a document whose upload BILL is done with."""
    upload_id = await upload(bill, records)
    waited = 0.0
    while waited < contract.patience:
        look = min(LOOK, contract.patience - waited)
        await account.wait(look)
        waited += look
        answer = await bill.get(f"/v3/documents/upload-status?ids={upload_id}")
        found: dict[str, Any] = told(answer, 200)[0]
        if found.get("documentId"):
            records.own.add(str(found["documentId"]))
            return str(found["documentId"])
    pytest.skip(f"BILL did not process the upload within --patience {contract.patience:g}")


@behaviour(GET)
async def test_a_document_has_bills_shape_and_the_name_it_was_sent_with(
    bill: Bill, document_id: str
) -> None:
    document = told(await bill.get(f"/v3/documents/{document_id}"), 200)
    made_as(document, DOCUMENT)
    assert (document["id"], document["name"]) == (document_id, NAME)


@behaviour(GET)
async def test_a_document_is_downloaded_as_it_was_sent(bill: Bill, document_id: str) -> None:
    document = told(await bill.get(f"/v3/documents/{document_id}"), 200)
    headers = {"sessionId": bill.session_id}
    async with (
        bill.budget.call(),
        bill.http.get(document["downloadLink"], headers=headers) as response,
    ):
        assert (response.status, await response.read()) == (200, PDF)
