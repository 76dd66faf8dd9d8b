"""Changing bills over HTTP: PATCH and PUT, their lines, money already committed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http import BillClient
from tests.resources.payables import (
    A_MINUTE_LATER,
    BILL_CLASSIFICATIONS,
    LINE_CLASSIFICATIONS,
    NO_DATA,
    UNKNOWN_VENDOR,
    bill_body,
    told,
)

UNKNOWN_LINE = "bli02AAAAAAAAAAzzzzz"


async def full_bill(client: BillClient, **more: Any) -> dict[str, Any]:
    """A bill of 159.98 + 69.01 with all members that a client can set."""
    vendor = await client.new_vendor()
    lines = [
        {
            "quantity": 2,
            "price": 79.99,
            "description": "Drum foot pedal",
            "classifications": LINE_CLASSIFICATIONS,
        },
        {"amount": 69.01, "description": "Cymbal stand"},
    ]
    body = bill_body(
        vendor["id"],
        billLineItems=lines,
        description="Stage equipment",
        payFromChartOfAccountId="0ca02AAAAAAAAAA00002",
        classifications=BILL_CLASSIFICATIONS,
        purchaseOrderNumber="PO-7",
        **more,
    )
    answer = await client.post("/v3/bills", body)
    assert (answer.status, answer.body["amount"]) == (201, 228.99)
    return dict(answer.body)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"dueDate": "2027-01-15"}, {"dueDate": "2027-01-15"}),
        ({"description": "Changed"}, {"description": "Changed"}),
        ({"description": ""}, {"description": ""}),
        ({"payFromChartOfAccountId": "0ca1"}, {"payFromChartOfAccountId": "0ca1"}),
        ({"purchaseOrderNumber": "PO-8"}, {"purchaseOrderNumber": "PO-8"}),
        (
            {"invoice": {"invoiceNumber": "N-2"}},
            {"invoice": {"invoiceNumber": "N-2", "invoiceDate": "2026-12-01"}},
        ),
        (
            {"invoice": {"invoiceDate": "2026-11-30"}},
            {"invoice": {"invoiceNumber": "202501", "invoiceDate": "2026-11-30"}},
        ),
        ({"billLineItems": []}, {}),
        ({"billLineItems": None, "description": None, "invoice": None, "vendorId": None}, {}),
        ({"archived": True, "amount": 1, "paymentStatus": "PAID", "id": "x"}, {}),
        ({}, {}),
    ],
)
async def test_patch_changes_what_it_names_and_keeps_the_rest(
    client: BillClient, change: dict[str, Any], expected: dict[str, Any]
) -> None:
    bill = await full_bill(client)
    await client.advance(seconds=60, sign_in=False)
    answer = await client.patch(f"/v3/bills/{bill['id']}", change)
    assert answer.status == 200
    assert answer.body == {**bill, **expected, "updatedTime": A_MINUTE_LATER}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vendorId": ""}, "vendorId: must not be blank"),
        ({"invoice": {"invoiceNumber": " "}}, "invoice.invoiceNumber: must not be blank"),
        ({"description": "x" * 4001}, "description: size must be between 0 and 4000"),
        (
            {"dueDate": "soon"},
            "JSON parse error: Cannot deserialize value of type `java.time.LocalDate` from"
            ' String "soon": not a valid date (yyyy-MM-dd)',
        ),
    ],
)
async def test_patch_refuses_wrong_values(
    client: BillClient, change: dict[str, Any], message: str
) -> None:
    bill = await full_bill(client)
    answer = await client.patch(f"/v3/bills/{bill['id']}", change)
    assert (answer.status, told(answer)) == (400, [(None, message)])


async def test_patch_of_one_line_keeps_the_others_in_their_order(client: BillClient) -> None:
    bill = await full_bill(client)
    first, second = bill["billLineItems"]
    change = {"billLineItems": [{"id": second["id"], "amount": 100, "description": "Stands"}]}
    answer = await client.patch(f"/v3/bills/{bill['id']}", change)
    changed = {"id": second["id"], "amount": 100.0, "description": "Stands"}
    assert answer.body["billLineItems"] == [first, changed]
    for name in ("amount", "dueAmount", "fundingAmount"):
        assert answer.body[name] == 259.98


async def test_patch_of_a_line_without_classifications_clears_them(client: BillClient) -> None:
    bill = await full_bill(client)
    first, second = bill["billLineItems"]
    change = {"billLineItems": [{"id": first["id"], "description": "Renamed"}]}
    answer = await client.patch(f"/v3/bills/{bill['id']}", change)
    cleared = {**first, "description": "Renamed"}
    del cleared["classifications"]
    assert answer.body["billLineItems"] == [cleared, second]
    assert answer.body["classifications"] == BILL_CLASSIFICATIONS


async def test_patch_of_a_line_with_classifications_replaces_them(client: BillClient) -> None:
    bill = await full_bill(client)
    line = {"id": bill["billLineItems"][0]["id"], "classifications": {"jobId": "job2"}}
    answer = await client.patch(f"/v3/bills/{bill['id']}", {"billLineItems": [line]})
    assert answer.body["billLineItems"][0]["classifications"] == {"jobId": "job2"}


@pytest.mark.parametrize(
    ("change", "amount"),
    [
        ({"quantity": 3}, 239.97),
        ({"price": 10.005}, 20.01),
        ({"quantity": 3, "price": 1.5}, 4.5),
        ({"description": "x"}, 159.98),
    ],
)
async def test_a_patched_line_is_reckoned_again_from_quantity_and_price(
    client: BillClient, change: dict[str, Any], amount: float
) -> None:
    bill = await full_bill(client)
    line = bill["billLineItems"][0]
    lines = {"billLineItems": [{"id": line["id"], **change}]}
    answer = await client.patch(f"/v3/bills/{bill['id']}", lines)
    assert answer.status == 200
    expected = {**line, **change, "amount": amount}
    del expected["classifications"]
    assert answer.body["billLineItems"][0] == expected
    assert answer.body["amount"] == round(amount + 69.01, 2)


@pytest.mark.parametrize("more", [{}, {"quantity": 3.0}, {"price": 2.5}])
async def test_a_patched_amount_wins_and_leaves_no_old_quantity_or_price(
    client: BillClient, more: dict[str, float]
) -> None:
    bill = await full_bill(client)
    line = bill["billLineItems"][0]
    lines = {"billLineItems": [{"id": line["id"], "amount": 7, **more}]}
    answer = await client.patch(f"/v3/bills/{bill['id']}", lines)
    expected = {"id": line["id"], "amount": 7.0, "description": "Drum foot pedal", **more}
    assert (answer.status, answer.body["billLineItems"][0]) == (200, expected)
    assert answer.body["amount"] == 76.01


@pytest.mark.parametrize(
    ("more", "status", "text"),
    [
        ({}, 400, "billLineItems[0].id: must not be null"),
        ({"id": UNKNOWN_LINE}, 422, f"billLineItems: no line item {UNKNOWN_LINE} in bill %s."),
    ],
)
async def test_patch_of_no_line_of_the_bill_is_refused(
    client: BillClient, more: dict[str, str], status: int, text: str
) -> None:
    bill = await full_bill(client)
    answer = await client.patch(
        f"/v3/bills/{bill['id']}", {"billLineItems": [{"amount": 1, **more}]}
    )
    assert (answer.status, told(answer)) == (status, [(None, text.replace("%s", bill["id"]))])


async def test_put_replaces_the_whole_bill(client: BillClient) -> None:
    bill = await full_bill(client)
    first, second = bill["billLineItems"]
    await client.advance(seconds=60, sign_in=False)
    lines = [
        {"amount": 29.99, "description": "Gloves"},
        {"id": second["id"], "quantity": 2, "price": 5},
    ]
    body = bill_body(bill["vendorId"], "N-2", dueDate="2027-02-01", billLineItems=lines)
    answer = await client.put(f"/v3/bills/{bill['id']}", body)
    assert answer.status == 200
    new_id = answer.body["billLineItems"][0]["id"]
    assert new_id not in (first["id"], second["id"])
    expected = {
        **bill,
        "dueDate": "2027-02-01",
        "invoice": {"invoiceNumber": "N-2", "invoiceDate": "2026-12-01"},
        "billLineItems": [
            {"id": new_id, "amount": 29.99, "description": "Gloves"},
            {"id": second["id"], "amount": 10.0, "quantity": 2.0, "price": 5.0},
        ],
        **dict.fromkeys(("amount", "dueAmount", "fundingAmount"), 39.99),
        "updatedTime": A_MINUTE_LATER,
    }
    for name in (
        "description",
        "payFromChartOfAccountId",
        "classifications",
        "purchaseOrderNumber",
    ):
        del expected[name]
    assert answer.body == expected


@pytest.mark.parametrize("line_ids", [(UNKNOWN_LINE,), ("first", "first")])
async def test_put_refuses_a_line_id_that_is_unknown_or_named_twice(
    client: BillClient, line_ids: tuple[str, ...]
) -> None:
    bill = await full_bill(client)
    known = {"first": bill["billLineItems"][0]["id"]}
    lines = [{"id": known.get(one, one), "amount": 1} for one in line_ids]
    body = bill_body(bill["vendorId"], billLineItems=lines)
    answer = await client.put(f"/v3/bills/{bill['id']}", body)
    text = f"billLineItems: no line item {lines[-1]['id']} in bill {bill['id']}."
    assert (answer.status, told(answer)) == (422, [(None, text)])
    assert (await client.get(f"/v3/bills/{bill['id']}")).body["amount"] == 228.99


@pytest.mark.parametrize("name", ["vendorId", "dueDate", "billLineItems", "invoice"])
async def test_put_requires_what_a_new_bill_requires(client: BillClient, name: str) -> None:
    bill = await full_bill(client)
    body = bill_body(bill["vendorId"])
    del body[name]
    answer = await client.put(f"/v3/bills/{bill['id']}", body)
    problem = "blank" if name == "vendorId" else "null"
    assert (answer.status, told(answer)) == (400, [(None, f"{name}: must not be {problem}")])


async def test_an_unpaid_bill_may_move_to_another_known_vendor(client: BillClient) -> None:
    bill = await full_bill(client)
    other = await client.new_vendor()
    path = f"/v3/bills/{bill['id']}"
    moved = await client.patch(path, {"vendorId": other["id"]})
    assert (moved.status, moved.body["vendorId"]) == (200, other["id"])
    unknown = await client.patch(path, {"vendorId": UNKNOWN_VENDOR})
    assert (unknown.status, told(unknown)) == (404, [NO_DATA])


async def test_edits_cannot_make_the_total_negative(client: BillClient) -> None:
    bill = await full_bill(client)
    path = f"/v3/bills/{bill['id']}"
    negative = [(None, "amount: must be greater than or equal to 0")]
    line = {"id": bill["billLineItems"][1]["id"], "amount": -159.99}
    patched = await client.patch(path, {"billLineItems": [line]})
    assert (patched.status, told(patched)) == (400, negative)
    body = bill_body(bill["vendorId"], billLineItems=[{"amount": -0.01}])
    replaced = await client.put(path, body)
    assert (replaced.status, told(replaced)) == (400, negative)


async def committed_bill(client: BillClient, *, settled: bool) -> dict[str, Any]:
    """A bill of 228.99 of which 150 is scheduled, or paid."""
    bill = await full_bill(client)
    payment = (await client.pay(bill, 150)).body
    if settled:
        await client.simulate("payment.settled", payment["id"])
    return dict((await client.get(f"/v3/bills/{bill['id']}")).body)


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
async def test_a_bill_cannot_fall_below_what_is_paid_or_scheduled(
    payer: BillClient, settled: bool, method: str
) -> None:
    bill = await committed_bill(payer, settled=settled)
    first, second = bill["billLineItems"]

    async def send(amount: float) -> Any:
        lines = [{"id": first["id"], "amount": amount}, {"id": second["id"], "amount": 0}]
        body = bill_body(bill["vendorId"], billLineItems=lines)
        change = body if method == "PUT" else {"billLineItems": lines}
        return await payer.call(method, f"/connect/v3/bills/{bill['id']}", change)

    below = await send(149.99)
    text = f"Bill {bill['id']}: the amount 149.99 is less than what is paid or scheduled (150.00)."
    assert (below.status, told(below)) == (422, [(None, text)])
    assert (await payer.get(f"/v3/bills/{bill['id']}")).body == bill
    exact = await send(150)
    assert (exact.status, exact.body["amount"], exact.body["dueAmount"]) == (200, 150.0, 0.0)
    assert exact.body["paymentStatus"] == ("PAID" if settled else "SCHEDULED")
    more = await send(175.5)
    assert (more.status, more.body["amount"], more.body["dueAmount"]) == (200, 175.5, 25.5)
    assert more.body["paymentStatus"] == ("PARTIALLY_PAID" if settled else "SCHEDULED")


@pytest.mark.parametrize("settled", [False, True])
async def test_a_bill_with_payments_keeps_its_vendor(payer: BillClient, settled: bool) -> None:
    bill = await committed_bill(payer, settled=settled)
    other = await payer.new_vendor()
    answer = await payer.patch(f"/v3/bills/{bill['id']}", {"vendorId": other["id"]})
    text = f"Bill {bill['id']} has payments; its vendorId cannot change."
    assert (answer.status, told(answer)) == (422, [(None, text)])
    same = await payer.patch(
        f"/v3/bills/{bill['id']}", {"vendorId": bill["vendorId"], "description": "Changed"}
    )
    assert (same.status, same.body["description"]) == (200, "Changed")


async def test_an_archived_bill_may_be_edited(client: BillClient) -> None:
    bill = await full_bill(client)
    path = f"/v3/bills/{bill['id']}"
    await client.post(f"{path}/archive")
    answer = await client.patch(path, {"description": "Changed"})
    assert answer.status == 200
    assert (answer.body["archived"], answer.body["description"]) == (True, "Changed")
