"""Bills over HTTP: creation, members, limits, amounts, reading, archive."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.payables import (
    A_MINUTE_LATER,
    BILL_CLASSIFICATIONS,
    LINE_CLASSIFICATIONS,
    NO_DATA,
    NOW,
    UNKNOWN_BILL,
    UNKNOWN_VENDOR,
    bill_body,
    member,
    told,
    with_member,
)

BILL_ID = re.compile(r"^00n02[A-Z]{10}[0-9a-z]{5}$")
LINE_ID = re.compile(r"^bli02[A-Z]{10}[0-9a-z]{5}$")


async def test_the_smallest_bill_gets_the_defaults(client: BillClient) -> None:
    vendor = await client.new_vendor()
    answer = await client.post("/v3/bills", bill_body(vendor["id"]))
    assert answer.status == 201
    bill = answer.body
    line_id = bill["billLineItems"][0]["id"]
    assert BILL_ID.match(bill["id"])
    assert LINE_ID.match(line_id)
    assert bill == {
        "archived": False,
        "id": bill["id"],
        "vendorId": vendor["id"],
        "fundingAmount": 228.99,
        "amount": 228.99,
        "paidAmount": 0.0,
        "dueAmount": 228.99,
        "scheduledAmount": 0.0,
        "creditAmount": 0.0,
        "exchangeRate": 1.0,
        "dueDate": "2026-12-31",
        "invoice": {"invoiceNumber": "202501", "invoiceDate": "2026-12-01"},
        "billLineItems": [{"id": line_id, "amount": 228.99}],
        "paymentStatus": "UNPAID",
        "approvalStatus": "UNASSIGNED",
        "createdTime": NOW,
        "updatedTime": NOW,
    }


async def test_every_member_of_a_full_bill_is_answered_back(client: BillClient) -> None:
    vendor = await client.new_vendor()
    line = {
        "amount": 10.5,
        "quantity": 3.0,
        "price": 4.25,
        "description": "Cymbal stand",
        "classifications": LINE_CLASSIFICATIONS,
    }
    body = bill_body(
        vendor["id"],
        billLineItems=[line],
        description="Stage equipment",
        payFromChartOfAccountId="0ca02AAAAAAAAAA00002",
        classifications=BILL_CLASSIFICATIONS,
        purchaseOrderNumber="PO-7",
        allowDuplicateInvoiceNumber=False,
        billApprovals=False,
    )
    bill = (await client.post("/v3/bills", body)).body
    for name in ("allowDuplicateInvoiceNumber", "billApprovals"):
        assert name not in bill
        del body[name]
    assert bill == {
        **body,
        "billLineItems": [{**line, "id": bill["billLineItems"][0]["id"]}],
        "archived": False,
        "id": bill["id"],
        "fundingAmount": 10.5,
        "amount": 10.5,
        "paidAmount": 0.0,
        "dueAmount": 10.5,
        "scheduledAmount": 0.0,
        "creditAmount": 0.0,
        "exchangeRate": 1.0,
        "paymentStatus": "UNPAID",
        "approvalStatus": "UNASSIGNED",
        "createdTime": NOW,
        "updatedTime": NOW,
    }


async def test_the_vendor_name_stands_in_get_and_list_alone(client: BillClient) -> None:
    vendor = await client.new_vendor(name="First Name")
    bill = await client.new_bill(vendor["id"])
    path = f"/v3/bills/{bill['id']}"
    named = {**bill, "vendorName": "First Name"}
    assert (await client.get(path)).body == named
    assert (await client.get("/v3/bills")).body == {"results": [named]}
    for answer in (
        await client.patch(path, {"description": "x"}),
        await client.put(path, bill_body(vendor["id"])),
        await client.post(f"{path}/archive"),
        await client.post(f"{path}/restore"),
    ):
        assert answer.status == 200
        assert "vendorName" not in answer.body
    await client.patch(f"/v3/vendors/{vendor['id']}", {"name": "Second Name"})
    assert (await client.get(path)).body["vendorName"] == "Second Name"
    assert (await client.get("/v3/bills")).body["results"][0]["vendorName"] == "Second Name"


async def test_a_bill_of_the_past_is_taken(client: BillClient) -> None:
    vendor = await client.new_vendor()
    body = bill_body(vendor["id"], dueDate="2024-02-29")
    body["invoice"]["invoiceDate"] = "2023-12-31"
    answer = await client.post("/v3/bills", body)
    assert (answer.status, answer.body["dueDate"]) == (201, "2024-02-29")
    assert answer.body["invoice"]["invoiceDate"] == "2023-12-31"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("vendorId", "vendorId: must not be blank"),
        ("dueDate", "dueDate: must not be null"),
        ("billLineItems", "billLineItems: must not be null"),
        ("invoice", "invoice: must not be null"),
        ("invoice.invoiceNumber", "invoice.invoiceNumber: must not be blank"),
        ("invoice.invoiceDate", "invoice.invoiceDate: must not be null"),
    ],
)
async def test_a_missing_required_member_is_named(
    client: BillClient, path: str, message: str
) -> None:
    vendor = await client.new_vendor()
    body = with_member(bill_body(vendor["id"]), path, None)
    answer = await client.post("/v3/bills", body)
    assert (answer.status, told(answer)) == (400, [(None, message)])


async def test_invoice_number_and_date_outside_invoice_do_not_count(client: BillClient) -> None:
    vendor = await client.new_vendor()
    body = bill_body(vendor["id"])
    body.update(body.pop("invoice"))
    answer = await client.post("/v3/bills", body)
    assert (answer.status, told(answer)) == (400, [(None, "invoice: must not be null")])


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("billLineItems", [], "billLineItems: must not be empty"),
        ("billLineItems", [{}], "billLineItems[0].amount: must not be null"),
        (
            "billLineItems",
            [{"amount": 1}, {"quantity": 2}],
            "billLineItems[1].amount: must not be null",
        ),
        ("billLineItems", [{"price": 2}], "billLineItems[0].amount: must not be null"),
        (
            "billLineItems",
            [{"amount": 1, "description": "x" * 4001}],
            "billLineItems[0].description: size must be between 0 and 4000",
        ),
        ("description", "x" * 4001, "description: size must be between 0 and 4000"),
        ("dueDate", "1899-12-31", "dueDate: invalid value"),
        (
            "dueDate",
            "2026-02-30",
            "JSON parse error: Cannot deserialize value of type `java.time.LocalDate` from"
            ' String "2026-02-30": not a valid date (yyyy-MM-dd)',
        ),
        (
            "billLineItems",
            [{"amount": "much"}],
            "JSON parse error: Cannot deserialize value of type `java.math.BigDecimal` from"
            ' String value ("much")',
        ),
    ],
)
async def test_a_wrong_value_is_refused(
    client: BillClient, path: str, value: Any, message: str
) -> None:
    vendor = await client.new_vendor()
    answer = await client.post("/v3/bills", with_member(bill_body(vendor["id"]), path, value))
    assert (answer.status, told(answer)) == (400, [(None, message)])
    assert (await client.get("/v3/bills")).body == {"results": []}


@pytest.mark.parametrize("path", ["description", "line"])
async def test_descriptions_may_have_4000_characters(client: BillClient, path: str) -> None:
    vendor = await client.new_vendor()
    text = "x" * 4000
    body = bill_body(vendor["id"])
    (body if path == "description" else body["billLineItems"][0])["description"] = text
    answer = await client.post("/v3/bills", body)
    assert answer.status == 201
    shown = answer.body if path == "description" else answer.body["billLineItems"][0]
    assert shown["description"] == text


async def test_an_invoice_number_may_have_21_characters(client: BillClient) -> None:
    vendor = await client.new_vendor()
    answer = await client.post("/v3/bills", bill_body(vendor["id"], "N" * 21))
    assert (answer.status, answer.body["invoice"]["invoiceNumber"]) == (201, "N" * 21)


TOO_LONG = (
    "BDC_1143",
    "Invalid entity data. invoiceNumber: Maximum length cannot be greater than 21 characters.",
)


async def test_an_invoice_number_of_22_characters_is_bdc_1143(client: BillClient) -> None:
    vendor = await client.new_vendor()
    answer = await client.post("/v3/bills", bill_body(vendor["id"], "N" * 22))
    assert (answer.status, told(answer)) == (400, [TOO_LONG])
    bill = await client.new_bill(vendor["id"])
    path = f"/v3/bills/{bill['id']}"
    patched = await client.patch(path, {"invoice": {"invoiceNumber": "N" * 22}})
    assert (patched.status, told(patched)) == (400, [TOO_LONG])
    replaced = await client.put(path, bill_body(vendor["id"], "N" * 22))
    assert (replaced.status, told(replaced)) == (400, [TOO_LONG])
    assert (await client.get(path)).body["invoice"] == bill["invoice"]


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        ({"quantity": 2, "price": 79.99}, 159.98),
        ({"quantity": 3, "price": 0.335}, 1.01),
        ({"quantity": 1, "price": 0.005}, 0.01),
        ({"quantity": 1, "price": 0.0049}, 0.0),
        ({"quantity": 0.5, "price": 0.05}, 0.03),
        ({"quantity": 1, "price": 1.115}, 1.12),
        ({"amount": 5, "quantity": 2, "price": 79.99}, 5.0),
        ({"amount": 0, "quantity": 2, "price": 79.99}, 0.0),
        ({"amount": 2.675}, 2.68),
        ({"amount": "12.50"}, 12.5),
    ],
)
async def test_a_line_costs_its_amount_or_quantity_times_price_rounded_half_up(
    client: BillClient, line: dict[str, Any], amount: float
) -> None:
    vendor = await client.new_vendor()
    answer = await client.post("/v3/bills", bill_body(vendor["id"], billLineItems=[line]))
    assert answer.status == 201
    assert answer.body["billLineItems"][0]["amount"] == amount
    assert (answer.body["amount"], answer.body["dueAmount"]) == (amount, amount)


async def test_the_amount_is_the_sum_of_the_lines_a_negative_one_included(
    client: BillClient,
) -> None:
    vendor = await client.new_vendor()
    lines = [{"amount": 149}, {"amount": 79.99}, {"amount": -28.99}]
    answer = await client.post("/v3/bills", bill_body(vendor["id"], billLineItems=lines))
    assert answer.status == 201
    assert [line["amount"] for line in answer.body["billLineItems"]] == [149.0, 79.99, -28.99]
    for name in ("amount", "dueAmount", "fundingAmount"):
        assert answer.body[name] == 200.0


async def test_a_negative_total_is_refused_and_zero_is_taken(client: BillClient) -> None:
    vendor = await client.new_vendor()
    negative = bill_body(vendor["id"], billLineItems=[{"amount": 10}, {"amount": -10.01}])
    answer = await client.post("/v3/bills", negative)
    assert (answer.status, told(answer)) == (
        400,
        [(None, "amount: must be greater than or equal to 0")],
    )
    zero = bill_body(vendor["id"], billLineItems=[{"amount": 10}, {"amount": -10}])
    answer = await client.post("/v3/bills", zero)
    assert (answer.status, answer.body["amount"]) == (201, 0.0)
    assert answer.body["paymentStatus"] == "UNPAID"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("PATCH", ""), ("PUT", ""), ("POST", "/archive"), ("POST", "/restore")],
)
async def test_an_unknown_bill_is_404_bdc_1205(client: BillClient, method: str, path: str) -> None:
    vendor = await client.new_vendor()
    body = bill_body(vendor["id"]) if method == "PUT" else {}
    answer = await client.call(method, f"/connect/v3/bills/{UNKNOWN_BILL}{path}", body)
    assert (answer.status, told(answer)) == (404, [NO_DATA])


async def test_a_bill_of_an_unknown_vendor_is_404_bdc_1205(client: BillClient) -> None:
    answer = await client.post("/v3/bills", bill_body(UNKNOWN_VENDOR))
    assert (answer.status, told(answer)) == (404, [NO_DATA])


async def test_an_unknown_vendor_credit_is_404_bdc_1205(client: BillClient) -> None:
    vendor = await client.new_vendor()
    credit = {"id": "vcr02AAAAAAAAAAzzzzz", "amount": 5}
    body = bill_body(vendor["id"], vendorCredits=[credit])
    answer = await client.post("/v3/bills", body)
    assert (answer.status, told(answer)) == (404, [NO_DATA])
    nameless = with_member(body, "vendorCredits", [{"amount": 5}])
    answer = await client.post("/v3/bills", nameless)
    assert (answer.status, told(answer)) == (
        400,
        [(None, "vendorCredits[0].id: must not be blank")],
    )


async def test_archive_and_restore_are_idempotent_and_move_updated_time_on_change_only(
    client: BillClient,
) -> None:
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"])
    path = f"/v3/bills/{bill['id']}"

    async def after_a_minute(verb: str) -> tuple[int, dict[str, Any]]:
        await client.advance(seconds=60, sign_in=False)
        answer = await client.post(f"{path}/{verb}")
        return answer.status, answer.body

    archived = {**bill, "archived": True, "updatedTime": A_MINUTE_LATER}
    assert await after_a_minute("archive") == (200, archived)
    assert await after_a_minute("archive") == (200, archived)
    restored = {**bill, "updatedTime": "2026-06-03T16:03:00.000+00:00"}
    assert await after_a_minute("restore") == (200, restored)
    assert await after_a_minute("restore") == (200, restored)
    assert member((await client.get(path)).body, "updatedTime") == restored["updatedTime"]


async def test_newer_fields_show_the_record_status(make_client: MakeClient) -> None:
    client = await make_client(newer_fields=True)
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"])
    path = f"/v3/bills/{bill['id']}"
    assert bill["recordStatus"] == "ACTIVE"
    assert (await client.post(f"{path}/archive")).body["recordStatus"] == "INACTIVE"
    assert (await client.get(path)).body["recordStatus"] == "INACTIVE"
    assert (await client.post(f"{path}/restore")).body["recordStatus"] == "ACTIVE"
