"""Documents of bills over HTTP: upload, processing, list, details."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.refusals import check_faults, check_refused
from tests.resources.payables import NO_DATA, NO_PERMISSION, UNKNOWN_BILL
from tests.resources.uploads import LARGEST, PDF, upload

DOCUMENTS = "/v3/documents"
PROCESSED = "2026-06-03T16:02:00.000+00:00"


async def new_bill(client: BillClient) -> str:
    return str((await client.new_bill((await client.new_vendor())["id"]))["id"])


def of_bill(bill_id: str) -> str:
    return f"{DOCUMENTS}/bills/{bill_id}"


async def new_upload(client: BillClient, bill_id: str, name: str = "invoice.pdf") -> str:
    answer = await upload(client, of_bill(bill_id), name=name)
    assert answer.status == 200, answer.body
    return str(answer.body["id"])


async def status(client: BillClient, *upload_ids: str) -> list[dict[str, Any]]:
    answer = await client.get(f"{DOCUMENTS}/upload-status?ids={','.join(upload_ids)}")
    assert answer.status == 200, answer.body
    return list(answer.body)


async def listed(client: BillClient, bill_id: str) -> list[dict[str, Any]]:
    answer = await client.get(of_bill(bill_id))
    assert answer.status == 200
    return list(answer.body["results"])


async def wait(client: BillClient, seconds: int) -> None:
    await client.advance(sign_in=False, seconds=seconds)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/octet-stream",
        "application/pdf",
        "application/json",
        "image/png",
        "multipart/form-data; boundary=x",
        "text/plain; charset=utf-16",
        "nonsense",
    ],
)
async def test_an_upload_of_any_content_type_answers_nothing_but_its_id(
    client: BillClient, content_type: str
) -> None:
    bill = await new_bill(client)
    answer = await upload(client, of_bill(bill), content_type=content_type)
    assert answer.status == 200
    assert set(answer.body) == {"id"}
    assert re.fullmatch(r"0du02[A-Z]{10}[0-9a-z]{5}", answer.body["id"])


async def test_an_upload_needs_no_content_type(client: BillClient) -> None:
    async with client.http.post(
        f"{client.origin}/connect{of_bill(await new_bill(client))}?name=a.pdf",
        data=PDF,
        headers=client.headers,
        skip_auto_headers=("Content-Type",),
    ) as response:
        assert "Content-Type" not in response.request_info.headers
        assert response.status == 200


async def test_an_upload_becomes_a_document_after_two_minutes(client: BillClient) -> None:
    bill = await new_bill(client)
    upload_id = await new_upload(client, bill, "Drum pedal.pdf")
    await wait(client, 119)
    assert await status(client, upload_id) == [{"uploadId": upload_id, "status": "IN_PROGRESS"}]
    assert await listed(client, bill) == []
    check_refused(await client.get(f"{DOCUMENTS}/{upload_id}"), 404, NO_DATA)

    await wait(client, 1)
    (told,) = await status(client, upload_id)
    document_id = told["documentId"]
    assert re.fullmatch(r"00h02[A-Z]{10}[0-9a-z]{5}", document_id)
    assert told == {"uploadId": upload_id, "documentId": document_id, "status": "UPLOADED"}
    document = {
        "id": document_id,
        "name": "Drum pedal.pdf",
        "createdTime": PROCESSED,
        "downloadLink": f"{client.origin}/is/BillFileServlet/{document_id}",
    }
    assert await listed(client, bill) == [document]
    assert (await client.get(f"{DOCUMENTS}/{document_id}")).body == document
    check_refused(await client.get(f"{DOCUMENTS}/{upload_id}"), 404, NO_DATA)


async def test_the_control_plane_can_process_an_upload_at_once(client: BillClient) -> None:
    bill = await new_bill(client)
    upload_id = await new_upload(client, bill)
    answer = await client.simulate("document.processed", upload_id)
    assert (answer.status, answer.body["record"]) == (200, {"id": upload_id})
    (told,) = await status(client, upload_id)
    assert told["status"] == "UPLOADED"
    again = await client.simulate("document.processed", upload_id)
    assert again.status == 409
    assert again.body["detail"] == (
        f"document.processed cannot happen to {upload_id}: its status is UPLOADED, not IN_PROGRESS."
    )
    await wait(client, 120)
    assert [one["id"] for one in await listed(client, bill)] == [told["documentId"]]


async def test_the_status_of_several_uploads_comes_in_the_order_asked(client: BillClient) -> None:
    bill = await new_bill(client)
    done, open_ = await new_upload(client, bill), await new_upload(client, bill)
    await client.simulate("document.processed", done)
    for ids in ((open_, done), (done, open_), (open_, open_)):
        assert [one["uploadId"] for one in await status(client, *ids)] == list(ids)
    answer = await client.get(f"{DOCUMENTS}/upload-status?ids={done},%20{open_}&ids={done}")
    assert [one["status"] for one in answer.body] == ["UPLOADED", "IN_PROGRESS", "UPLOADED"]


async def test_the_status_needs_known_ids(client: BillClient) -> None:
    path = f"{DOCUMENTS}/upload-status"
    missing = "Required request parameter 'ids' for method parameter type String is not present"
    check_faults(await client.get(path), missing)
    check_faults(await client.get(f"{path}?ids="), "ids: must not be blank")
    upload_id = await new_upload(client, await new_bill(client))
    await client.simulate("document.processed", upload_id)
    document_id = (await status(client, upload_id))[0]["documentId"]
    for unknown in (f"{upload_id},nonsense", f"{upload_id},", document_id):
        check_refused(await client.get(f"{path}?ids={unknown}"), 404, NO_DATA)


async def test_a_bill_lists_its_own_documents_in_pages(client: BillClient) -> None:
    bill, other = await new_bill(client), await new_bill(client)
    for number in range(5):
        await new_upload(client, bill, f"{number}.pdf")
        await new_upload(client, other, f"other {number}.pdf")
    await wait(client, 120)
    found, query = [], "?max=2&sort=nonsense&filters=nonsense"
    while query:
        page = (await client.get(of_bill(bill) + query)).body
        found.append([one["name"] for one in page["results"]])
        query = f"?max=2&page={page['nextPage']}" if "nextPage" in page else ""
    assert found == [["0.pdf", "1.pdf"], ["2.pdf", "3.pdf"], ["4.pdf"]]


@pytest.mark.parametrize("role", ["APPROVER", "PAYER", "AUDITOR"])
async def test_who_enters_no_bills_uploads_no_documents(client: BillClient, role: str) -> None:
    bill = await new_bill(client)
    upload_id = await new_upload(client, bill)
    await client.login(role)
    check_refused(await upload(client, of_bill(bill)), 403, NO_PERMISSION)
    await wait(client, 120)
    (document,) = await listed(client, bill)
    assert (await client.get(f"{DOCUMENTS}/{document['id']}")).body == document
    assert (await status(client, upload_id))[0]["status"] == "UPLOADED"


MISSING_NAME = "Required request parameter 'name' for method parameter type String is not present"


async def test_the_name_is_required(client: BillClient) -> None:
    path = of_bill(await new_bill(client))
    check_faults(await client.post(path, raw=PDF), MISSING_NAME)
    for name in ("", " ", "\r\n"):
        check_faults(await upload(client, path, name=name), "name: must not be blank")
    too_long = await upload(client, path, name="x" * 501)
    check_faults(too_long, "name: size must be between 0 and 500")
    assert (await upload(client, path, name="x" * 500)).status == 200


async def test_an_empty_upload_is_400(client: BillClient) -> None:
    answer = await upload(client, of_bill(await new_bill(client)), b"")
    check_faults(answer, "Required request body is missing")


async def test_a_body_that_cannot_be_decoded_is_400(client: BillClient) -> None:
    path = f"{of_bill(await new_bill(client))}?name=a.gz"
    answer = await client.post(path, raw=PDF, headers={"Content-Encoding": "gzip"})
    check_faults(answer, "JSON parse error: the body cannot be decoded")


async def test_an_unknown_bill_has_no_documents(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    for bill in (UNKNOWN_BILL, await new_bill(there)):
        check_refused(await upload(here, of_bill(bill)), 404, NO_DATA)
        check_refused(await here.get(of_bill(bill)), 404, NO_DATA)


async def test_six_megabytes_are_the_most(client: BillClient) -> None:
    bill = await new_bill(client)
    path = of_bill(bill)
    too_large = await upload(client, path, bytes(LARGEST + 1))
    told = f"The file has {LARGEST + 1} bytes; at most {LARGEST} are allowed."
    check_refused(too_large, 413, (None, told))
    await wait(client, 120)
    assert await listed(client, bill) == []
    assert (await upload(client, path, bytes(LARGEST))).status == 200


async def _chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 65536):
        yield bytes(65536)


@pytest.mark.parametrize("chunked", [False, True])
async def test_the_gateway_reads_no_more_than_eight_megabytes(
    client: BillClient, chunked: bool
) -> None:
    size = 9 * 1024 * 1024
    async with client.http.post(
        f"{client.origin}/connect{of_bill(await new_bill(client))}?name=a.pdf",
        data=_chunks(size) if chunked else BytesIO(bytes(size)),
        headers=client.headers,
    ) as response:
        assert response.status == 413
        assert (await response.json())[0]["message"] == "Maximum request size exceeded"
