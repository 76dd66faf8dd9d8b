"""Lists of payments over HTTP: filters, sorts, refusals and who may read."""

from __future__ import annotations

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient


async def four_payments(client: BillClient) -> dict[str, str]:
    """Names of four payments, made a minute apart, by their ids."""
    ach = await client.new_vendor()
    check = await client.new_vendor(by_check=True)
    names = {}

    async def named(name: str, answer: Answer) -> None:
        names[answer.body["id"]] = name
        await client.advance(seconds=60)

    bill = await client.new_bill(ach["id"], 100)
    await named("ach", await client.pay(bill, 10, description="b"))
    bill = await client.new_bill(check["id"], 100)
    await named("check", await client.pay(bill, 30, processDate="2026-06-05", description="c"))
    recorded = {
        "vendorId": check["id"],
        "processDate": "2026-05-01",
        "toPrintCheck": False,
        "payments": [{"billId": bill["id"], "amount": 20}],
    }
    await named("recorded", await client.post("/v3/bills/record-payment", recorded))
    bill = await client.new_bill(ach["id"], 100)
    payment = await client.pay(bill, 40, transactionNumber="T4", description="a")
    await client.post(f"/v3/payments/{payment.body['id']}/cancel")
    await named("canceled", payment)
    return names


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "ach check recorded canceled"),
        ("max=2", "ach check"),
        ("filters=id:eq:{ach}", "ach"),
        ("filters=id:ne:{ach}", "check recorded canceled"),
        ('filters=id:in:"{check},{canceled}"', "check canceled"),
        ("filters=vendorId:eq:{check_vendor}", "check recorded"),
        ("filters=vendorId:ne:{check_vendor}", "ach canceled"),
        ("filters=processDate:eq:2026-06-05", "check"),
        ('filters=processDate:lt:"2026-06-04"', "recorded"),
        ("filters=processDate:gte:2026-06-04,amount:lte:30", "ach check"),
        ("filters=amount:eq:30.00", "check"),
        ("filters=amount:gt:20", "check canceled"),
        ("filters=transactionNumber:eq:T4", "canceled"),
        ("filters=status:eq:SCHEDULED", "ach check"),
        ("filters=status:eq:PAID", "recorded"),
        ("filters=status:ne:CANCELLED", "ach check recorded"),
        ("filters=onlinePayment:eq:false", "recorded"),
        ("filters=disbursementType:eq:ACH", "ach canceled"),
        ('filters=disbursementType:in:"CHECK,OFFLINE"', "check recorded"),
        ('filters=createdTime:gt:"2026-06-03T16:01:00.000%2B00:00"', "recorded canceled"),
        ("filters=updatedTime:lte:2026-06-03T16:01:00.000Z", "ach check"),
        ("sort=amount:desc", "canceled check recorded ach"),
        ("sort=description", "recorded canceled ach check"),
        ("sort=processDate:asc,amount:desc", "recorded canceled ach check"),
        ("sort=confirmationNumber:desc", "canceled recorded check ach"),
        ("sort=onlinePayment,createdTime:desc", "recorded canceled check ach"),
        ("sort=updatedTime:desc", "canceled recorded check ach"),
        ("sort=disbursementStatus:desc", "canceled recorded check ach"),
    ],
)
async def test_lists_filter_and_sort_by_their_fields(
    payer: BillClient, query: str, expected: str
) -> None:
    names = await four_payments(payer)
    ids = {name: payment_id for payment_id, name in names.items()}
    check = (await payer.get(f"/v3/payments/{ids['check']}")).body
    answer = await payer.get("/v3/payments?" + query.format(**ids, check_vendor=check["vendorId"]))
    assert answer.status == 200, answer.body
    assert [names[row["id"]] for row in answer.body["results"]] == expected.split()
    assert all(row["vendorName"] == "Happy Music Supplies" for row in answer.body["results"])


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("filters=billId:eq:00n", "BDC_1130", "Invalid list filter field: billId."),
        ("filters=singleStatus:eq:SENT", "BDC_1130", "Invalid list filter field: singleStatus."),
        ("filters=status:in:PAID", "BDC_1131", "Invalid list filter operator: in."),
        ("filters=amount:in:5", "BDC_1131", "Invalid list filter operator: in."),
        (
            "filters=status:eq:PENDING",
            "BDC_1129",
            "Invalid parameter value for parameter,value: status, PENDING.",
        ),
        (
            "sort=status",
            "BDC_1129",
            "Invalid parameter value for parameter,value: sort, status.",
        ),
    ],
)
async def test_lists_refuse_other_fields_operators_and_values(
    client: BillClient, query: str, code: str, message: str
) -> None:
    answer = await client.get(f"/v3/payments?{query}")
    assert answer.status == 400
    assert [(item["code"], item["message"]) for item in answer.body] == [(code, message)]


async def test_every_role_may_read_payments(make_client: MakeClient) -> None:
    client = await make_client(role=None)
    for user in client.world["users"]:
        await client.login(user["role"])
        assert (await client.get("/v3/payments")).status == 200, user["role"]
