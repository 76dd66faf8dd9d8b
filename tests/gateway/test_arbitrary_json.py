"""Arbitrary JSON at the operations that write: refused in BILL's envelope or taken, never 5xx."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http import BillClient
from tests.refusals import check_items

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**20), max_value=10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.text(st.characters())
    | st.sampled_from(
        ["", " ", "0", "-1", "1e400", "NaN", "true", "2026-12-31", "9999-12-31", "US"]
    )
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)

Path = tuple[str | int, ...]
REMOVED = object()


def paths_of(value: Any, at: Path = ()) -> list[Path]:
    """Where every member of `value` lies, `value` itself included."""
    members: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    return [at, *(path for key, inner in members for path in paths_of(inner, (*at, key)))]


def with_change(body: Any, path: Path, value: Any) -> Any:
    """A copy of `body` with another value at `path`, or with nothing there."""
    if not path:
        return None if value is REMOVED else value
    copy = body.copy()
    if len(path) == 1 and value is REMOVED:
        del copy[path[0]]
    else:
        copy[path[0]] = with_change(copy[path[0]], path[1:], value)
    return copy


def nearly(body: dict[str, Any]) -> st.SearchStrategy[Any]:
    """`body` with up to three of its members replaced or removed."""
    change = st.tuples(st.sampled_from(paths_of(body)), JSON | st.just(REMOVED))

    def change_all(changes: list[tuple[Path, Any]]) -> Any:
        result: Any = body
        for path, value in changes:
            if path in paths_of(result):
                result = with_change(result, path, value)
        return result

    return st.lists(change, min_size=1, max_size=3).map(change_all)


VENDOR: dict[str, Any] = {
    "name": "Happy Music Supplies",
    "shortName": "Happy",
    "accountNumber": "1",
    "accountType": "BUSINESS",
    "email": "a@b.example",
    "phone": "1",
    "address": {
        "line1": "123 Main Street",
        "line2": "2",
        "city": "San Jose",
        "stateOrProvince": "CA",
        "zipOrPostalCode": "95002",
        "country": "US",
    },
    "paymentInformation": {
        "payeeName": "Happy",
        "email": "a@b.example",
        "bankCountry": "US",
        "paymentCurrency": "USD",
        "bankAccount": {
            "nameOnAccount": "Happy",
            "accountNumber": "111222333",
            "routingNumber": "074000010",
            "type": "CHECKING",
            "ownerType": "BUSINESS",
            "regulatoryFields": [{"name": "a", "value": "b"}],
            "paymentCurrency": "USD",
        },
        "paymentPurpose": {"text": "x", "code": {"name": "a", "value": "b"}},
    },
    "additionalInfo": {
        "taxId": "123456789",
        "taxIdType": "EIN",
        "track1099": True,
        "leadTimeInDays": 5,
        "combinePayments": True,
        "paymentTermId": "1",
        "companyName": "Happy",
    },
    "billCurrency": "USD",
    "autoPay": {"enabled": False, "bankAccountId": "1", "maxAmount": 10, "daysBeforeDueDate": 1},
}


async def throw(client: BillClient, path: str, body: dict[str, Any]) -> set[int]:
    """POST much that is not `body`; the statuses that came back."""
    answer = await client.post(path, body)
    assert answer.status == 201, answer.body
    return await asyncio.to_thread(_throw, client, path, body)


def _throw(client: BillClient, path: str, body: dict[str, Any]) -> set[int]:
    connection = HTTPConnection(client.origin.removeprefix("http://"))
    headers = {**client.headers, "Content-Type": "application/json"}
    seen: set[int] = set()

    def post(value: Any) -> None:
        connection.request("POST", f"/connect{path}", json.dumps(value), headers)
        response = connection.getresponse()
        status, content = response.status, response.read()
        assert "Server" not in response.headers
        assert status in (201, 400, 403, 404, 422), content
        decoded = json.loads(content)
        if status != 201:
            check_items(decoded)
            assert len(content) < 1_000_000
        seen.add(status)

    try:
        given(JSON)(_named(post, "arbitrary"))()
        given(nearly(body))(_named(post, "nearly"))()
    finally:
        connection.close()
    return seen


def _named(post: Callable[[Any], None], name: str) -> Callable[[Any], None]:
    def run(value: Any) -> None:
        post(value)

    run.__name__ = name
    return run


async def check_list(client: BillClient, path: str) -> None:
    """Whatever was taken can be listed, page by page, and got by its id."""
    page, count = "", 0
    while page is not None:
        answer = await client.get(f"{path}?max=100&sort=createdTime:desc{page and '&page=' + page}")
        assert answer.status == 200, answer.body
        count += len(answer.body["results"])
        page = answer.body.get("nextPage")
    assert count > 1
    last = answer.body["results"][-1]
    assert (await client.get(f"{path}/{last['id']}")).body == last


@pytest.fixture
async def bill(payer: BillClient) -> dict[str, Any]:
    return await payer.new_bill((await payer.new_vendor())["id"], 1_000_000)


async def test_whatever_is_thrown_at_new_vendors(payer: BillClient) -> None:
    assert await throw(payer, "/v3/vendors", VENDOR) >= {201, 400}
    await check_list(payer, "/v3/vendors")


async def test_whatever_is_thrown_at_new_bills(payer: BillClient, bill: dict[str, Any]) -> None:
    body = {
        "vendorId": bill["vendorId"],
        "dueDate": "2026-12-31",
        "billLineItems": [
            {
                "amount": 10,
                "quantity": 2,
                "price": 5,
                "description": "x",
                "classifications": {"chartOfAccountId": "1", "jobId": "1"},
            },
            {"quantity": 2, "price": 1.25},
        ],
        "invoice": {"invoiceNumber": "1", "invoiceDate": "2026-12-01"},
        "description": "x",
        "payFromChartOfAccountId": "1",
        "classifications": {"departmentId": "1"},
        "vendorCredits": [],
        "purchaseOrderNumber": "1",
        "billApprovals": False,
        "allowDuplicateInvoiceNumber": True,
    }
    assert await throw(payer, "/v3/bills", body) >= {201, 400}
    await check_list(payer, "/v3/bills")


async def test_whatever_is_thrown_at_new_payments(payer: BillClient, bill: dict[str, Any]) -> None:
    body = {
        "billId": bill["id"],
        "vendorId": bill["vendorId"],
        "amount": 0.01,
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": await payer.bank_account()},
        "processingOptions": {
            "createBill": False,
            "requestPayFaster": False,
            "requestCheckDeliveryType": "STANDARD",
        },
        "processDate": "2026-06-04",
        "description": "x",
        "vendorCredits": [],
    }
    assert await throw(payer, "/v3/payments", body) >= {201, 400}
    await check_list(payer, "/v3/payments")
