"""Which bills a policy's rules mean, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http import BillClient
from tests.resources.approvals import approval, new_policy
from tests.resources.payables import LINE_CLASSIFICATIONS, bill_body

RENT, POWER = "0ca02AAAAAAAAAA00001", "0ca02AAAAAAAAAA00002"
ID_KEYS = {
    "CHART_OF_ACCOUNT_ID": "chartOfAccountId",
    "LOCATION_ID": "locationId",
    "JOB_ID": "jobId",
    "DEPARTMENT_ID": "departmentId",
    "ACCOUNTING_CLASS_ID": "accountingClassId",
    "ITEM_ID": "itemId",
    "CUSTOMER_ID": "customerId",
    "EMPLOYEE_ID": "employeeId",
}
ON_BILLS = sorted(set(ID_KEYS) - {"JOB_ID", "CUSTOMER_ID", "EMPLOYEE_ID"})


def a_rule(key: str, op: str, *values: str) -> dict[str, Any]:
    return {"key": key, "op": op, "values": list(values)}


async def needs_approval(client: BillClient, body: dict[str, Any]) -> bool:
    """Make a bill of `body`; whether it waits for anybody's approval."""
    answer = await client.post("/v3/bills", body)
    assert answer.status == 201, answer.body
    status, approvers = await approval(client, answer.body["id"])
    assert (status, approvers) in (("ASSIGNED", ["WAITING"]), ("UNASSIGNED", []))
    return status == "ASSIGNED"


@pytest.mark.parametrize(
    ("op", "values", "meant"),
    [
        ("gte", ["1000"], [1000, 1000.01, 5000]),
        ("gt", ["1000"], [1000.01, 5000]),
        ("lte", ["1000"], [0, 999.99, 1000]),
        ("lt", ["1000"], [0, 999.99]),
        ("eq", ["1000"], [1000]),
        ("eq", ["1000.00", "5000"], [1000, 5000]),
        ("ne", ["1000"], [0, 999.99, 1000.01, 5000]),
        ("ne", ["1000", "5000"], [0, 999.99, 1000.01]),
        ("gte", ["1000", "5000"], [5000]),
        ("lt", ["1000", "5000"], [0, 999.99]),
    ],
)
async def test_an_amount_rule_compares_the_amount_of_the_bill(
    client: BillClient, op: str, values: list[str], meant: list[float]
) -> None:
    await new_policy(client, rules=[a_rule("BILL_AMOUNT", op, *values)])
    vendor = (await client.new_vendor())["id"]
    found = [
        amount
        for amount in (0, 999.99, 1000, 1000.01, 5000)
        if await needs_approval(client, bill_body(vendor, billLineItems=[{"amount": amount}]))
    ]
    assert found == meant


async def test_the_amount_is_the_sum_of_the_lines(client: BillClient) -> None:
    await new_policy(client, rules=[a_rule("BILL_AMOUNT", "gte", "1000")])
    vendor = (await client.new_vendor())["id"]
    lines = [{"quantity": 3, "price": 333.33}, {"amount": 0.01}]
    assert await needs_approval(client, bill_body(vendor, billLineItems=lines))
    assert not await needs_approval(client, bill_body(vendor, billLineItems=lines[:1]))


@pytest.mark.parametrize(
    ("op", "meant"), [("eq", [True, False]), ("in", [True, False]), ("ne", [False, True])]
)
async def test_a_vendor_rule_means_the_vendor_of_the_bill(
    client: BillClient, op: str, meant: list[bool]
) -> None:
    vendors = [(await client.new_vendor())["id"] for _ in range(2)]
    await new_policy(client, rules=[a_rule("VENDOR_ID", op, vendors[0])])
    assert [await needs_approval(client, bill_body(vendor)) for vendor in vendors] == meant


@pytest.mark.parametrize(
    ("op", "meant"),
    [
        ("eq", [True, False, True, False]),
        ("in", [True, False, True, False]),
        ("ne", [False, True, False, True]),
        ("nin", [False, True, False, True]),
    ],
)
async def test_an_id_rule_means_the_bill_and_any_of_its_lines(
    client: BillClient, op: str, meant: list[bool]
) -> None:
    vendor = (await client.new_vendor())["id"]
    await new_policy(client, rules=[a_rule("CHART_OF_ACCOUNT_ID", op, RENT, "unused")])
    plain = {"amount": 1}
    line = {"amount": 1, "classifications": {"chartOfAccountId": RENT}}
    other = {"amount": 1, "classifications": {"chartOfAccountId": POWER}}
    bodies = [
        bill_body(vendor, classifications={"chartOfAccountId": RENT}),
        bill_body(vendor, classifications={"chartOfAccountId": POWER}),
        bill_body(vendor, billLineItems=[plain, other, line]),
        bill_body(vendor, billLineItems=[plain, other]),
    ]
    assert [await needs_approval(client, body) for body in bodies] == meant


@pytest.mark.parametrize("key", sorted(ID_KEYS))
async def test_every_id_of_a_line_can_be_meant(client: BillClient, key: str) -> None:
    member = ID_KEYS[key]
    await new_policy(client, rules=[a_rule(key, "eq", LINE_CLASSIFICATIONS[member])])
    vendor = (await client.new_vendor())["id"]
    others = {name: one for name, one in LINE_CLASSIFICATIONS.items() if name != member}
    for classifications, meant in ((LINE_CLASSIFICATIONS, True), (others, False)):
        lines = [{"amount": 1, "classifications": classifications}]
        assert await needs_approval(client, bill_body(vendor, billLineItems=lines)) is meant


@pytest.mark.parametrize("key", ON_BILLS)
async def test_every_id_of_a_bill_can_be_meant(client: BillClient, key: str) -> None:
    member = ID_KEYS[key]
    await new_policy(client, rules=[a_rule(key, "in", LINE_CLASSIFICATIONS[member])])
    vendor = (await client.new_vendor())["id"]
    body = bill_body(vendor, classifications={member: LINE_CLASSIFICATIONS[member]})
    assert await needs_approval(client, body)


async def test_a_bill_must_fulfil_all_rules_of_a_policy(client: BillClient) -> None:
    vendors = [(await client.new_vendor())["id"] for _ in range(2)]
    rules = [
        a_rule("BILL_AMOUNT", "gte", "100"),
        a_rule("BILL_AMOUNT", "lt", "1000"),
        a_rule("VENDOR_ID", "eq", vendors[0]),
    ]
    await new_policy(client, rules=rules)
    meant = {
        (vendor, amount): await needs_approval(
            client, bill_body(vendor, billLineItems=[{"amount": amount}])
        )
        for vendor in vendors
        for amount in (99, 100, 999, 1000)
    }
    assert [found for found, yes in meant.items() if yes] == [(vendors[0], 100), (vendors[0], 999)]
