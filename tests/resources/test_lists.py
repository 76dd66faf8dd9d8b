"""Pages of real lists over HTTP: vendors, bills, payments, banks and bank users."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.http import BillClient
from tests.resources.payables import BANK_BODY, BANKS, SMALLEST_VENDOR, bill_body, told

VENDORS = "/v3/vendors"
BILLS = "/v3/bills"
PAYMENTS = "/v3/payments"
BANK_USERS = "/v3/funding-accounts/banks/users"
LISTS = [VENDORS, BILLS, PAYMENTS, BANKS, BANK_USERS]


async def _fill_vendors(payer: BillClient, count: int) -> list[str]:
    made: list[str] = []
    while len(made) < count:
        bodies = [SMALLEST_VENDOR] * min(20, count - len(made))
        answer = await payer.post(f"{VENDORS}/bulk", bodies)
        made += [vendor["id"] for vendor in answer.body["vendors"]]
    return made


async def _fill_bills(payer: BillClient, count: int) -> list[str]:
    vendor = await payer.new_vendor()
    answer = await payer.post(f"{BILLS}/bulk", [bill_body(vendor["id"])] * count)
    return [bill["id"] for bill in answer.body]


async def _fill_payments(payer: BillClient, count: int) -> list[str]:
    body = {
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": await payer.bank_account()},
        "payments": [{"billId": one, "amount": 1} for one in await _fill_bills(payer, count)],
    }
    answer = await payer.post(f"{PAYMENTS}/bulk", body)
    return [payment["id"] for payment in answer.body["payments"]]


async def _fill_banks(payer: BillClient, count: int) -> list[str]:
    made = [await payer.bank_account()]
    for number in range(1, count):
        body = {**BANK_BODY, "accountNumber": f"900000{number:04}"}
        made.append((await payer.post(BANKS, body)).body["id"])
    return made


async def _fill_bank_users(payer: BillClient, count: int) -> list[str]:
    made = [access["id"] for access in (await payer.get(BANK_USERS)).body["results"]]
    for number in range(len(made), count):
        body = {**BANK_BODY, "accountNumber": f"900000{number:04}"}
        account = (await payer.post(BANKS, body)).body
        await payer.post(f"{BANKS}/{account['id']}/verify", {"depositAmount": 0.5})
        listed = await payer.get(f"{BANK_USERS}?filters=bankAccountId:eq:{account['id']}")
        made.append(listed.body["results"][0]["id"])
    return made


_FILL: dict[str, Callable[[BillClient, int], Awaitable[list[str]]]] = {
    VENDORS: _fill_vendors,
    BILLS: _fill_bills,
    PAYMENTS: _fill_payments,
    BANKS: _fill_banks,
    BANK_USERS: _fill_bank_users,
}


async def fill(payer: BillClient, path: str, count: int) -> list[str]:
    """The ids of `count` records of a list, in the order of their creation."""
    made = await _FILL[path](payer, count)
    assert len(made) == count
    return made


async def page(client: BillClient, path: str, query: str = "") -> dict[str, Any]:
    answer = await client.get(f"{path}{query}")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def ids(body: dict[str, Any]) -> list[str]:
    return [row["id"] for row in body["results"]]


@pytest.mark.parametrize("path", [VENDORS, BILLS, PAYMENTS])
async def test_an_empty_list_has_results_and_no_cursors(client: BillClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status, answer.body) == (200, {"results": []})
    assert answer.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_gives_twenty_oldest_first_and_its_cursors_lead_on_and_back_alone(
    payer: BillClient, path: str
) -> None:
    made = await fill(payer, path, 25)
    first = await page(payer, path)
    assert ids(first) == made[:20]
    assert list(first) == ["nextPage", "results"]
    last = await page(payer, path, f"?page={first['nextPage']}")
    assert ids(last) == made[20:]
    assert list(last) == ["prevPage", "results"]
    back = await page(payer, path, f"?page={last['prevPage']}")
    assert ids(back) == made[:20]
    assert list(back) == ["nextPage", "results"]
    assert ids(await page(payer, path, f"?page={back['nextPage']}")) == made[20:]


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_that_fills_its_page_exactly_has_no_next_page(
    payer: BillClient, path: str
) -> None:
    made = await fill(payer, path, 20)
    assert await page(payer, path) == {"results": (await page(payer, path, "?max=21"))["results"]}
    first = await page(payer, path, "?max=10")
    second = await page(payer, path, f"?max=10&page={first['nextPage']}")
    assert (ids(first), ids(second)) == (made[:10], made[10:])
    assert "nextPage" not in second


@pytest.mark.parametrize("path", [VENDORS, BILLS])
async def test_max_may_be_1_to_100(client: BillClient, path: str) -> None:
    made = await fill(client, path, 100)
    assert ids(await page(client, path, "?max=1")) == made[:1]
    assert ids(await page(client, path, "?max=100")) == made
    assert len(ids(await page(client, path, "?max="))) == 20


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("max_", "message"),
    [
        ("0", "max: must be greater than or equal to 1"),
        ("-5", "max: must be greater than or equal to 1"),
        ("101", "max: must be less than or equal to 100"),
        (
            "ten",
            "Failed to convert value of type 'java.lang.String' to required type"
            " 'java.lang.Integer'; For input string: \"ten\"",
        ),
    ],
)
async def test_max_outside_1_to_100_is_400(
    client: BillClient, path: str, max_: str, message: str
) -> None:
    answer = await client.get(f"{path}?max={max_}")
    assert (answer.status, told(answer)) == (400, [(None, message)])


async def test_pages_of_one_are_disjoint_and_cover_the_list_both_ways(
    client: BillClient,
) -> None:
    made = await fill(client, VENDORS, 4)
    shown = await page(client, VENDORS, "?max=1")
    forward = ids(shown)
    while "nextPage" in shown:
        shown = await page(client, VENDORS, f"?max=1&page={shown['nextPage']}")
        forward += ids(shown)
    assert forward == made
    backward = ids(shown)
    while "prevPage" in shown:
        shown = await page(client, VENDORS, f"?max=1&page={shown['prevPage']}")
        backward += ids(shown)
    assert backward == made[::-1]


@pytest.mark.parametrize("path", [VENDORS, BILLS, BANKS])
async def test_archived_records_stay_in_the_list_at_their_place(
    payer: BillClient, path: str
) -> None:
    made = await fill(payer, path, 3)
    assert (await payer.post(f"{path}/{made[0]}/archive")).status == 200
    shown = await page(payer, path)
    assert ids(shown) == made
    assert shown["results"][0]["archived"] is True


async def test_a_cursor_used_alone_keeps_its_filters_and_its_sort(client: BillClient) -> None:
    vendor, other = await client.new_vendor(), await client.new_vendor()
    due = ["2026-07-03", "2026-07-01", "2026-07-05", "2026-07-02", "2026-07-04"]
    for day in due:
        await client.new_bill(vendor["id"], dueDate=day)
        await client.new_bill(other["id"], dueDate=day)
    query = f"?max=2&filters=vendorId:eq:{vendor['id']}&sort=dueDate:desc"
    first = await page(client, BILLS, query)
    second = await page(client, BILLS, f"?page={first['nextPage']}")
    shown = first["results"] + second["results"]
    assert [bill["dueDate"] for bill in shown] == sorted(due, reverse=True)
    assert {bill["vendorId"] for bill in shown} == {vendor["id"]}
    assert "nextPage" not in second
    repeated = await page(client, BILLS, f"{query}&page={first['nextPage']}")
    assert ids(repeated) == ids(second)[:2]


async def test_a_record_made_while_paging_comes_on_the_last_page(client: BillClient) -> None:
    made = await fill(client, VENDORS, 3)
    first = await page(client, VENDORS, "?max=2")
    late = await client.new_vendor()
    second = await page(client, VENDORS, f"?page={first['nextPage']}")
    assert ids(second) == [made[2], late["id"]]


@pytest.mark.parametrize("token", ["nonsense", "bm9uc2Vuc2U"])
@pytest.mark.parametrize("path", LISTS)
async def test_a_page_that_is_no_cursor_is_bdc_1129(
    client: BillClient, path: str, token: str
) -> None:
    answer = await client.get(f"{path}?page={token}")
    text = f"Invalid parameter value for parameter,value: page, {token}."
    assert (answer.status, told(answer)) == (400, [("BDC_1129", text)])


async def test_an_empty_page_parameter_is_the_first_page(client: BillClient) -> None:
    made = await fill(client, VENDORS, 2)
    assert ids(await page(client, VENDORS, "?max=10&sort=createdTime&page=")) == made


async def test_a_cursor_stands_in_a_url_as_it_is(client: BillClient) -> None:
    await fill(client, VENDORS, 2)
    query = '?max=1&filters=name:sw:"Häppy%20%26%20Co",name:sw:"H"&sort=name:desc'
    assert (await page(client, VENDORS, query)) == {"results": []}
    cursor = (await page(client, VENDORS, '?max=1&filters=name:sw:"H"'))["nextPage"]
    assert cursor.isascii()
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


async def test_lists_show_the_own_world_alone(client: BillClient, payer: BillClient) -> None:
    await fill(payer, PAYMENTS, 2)
    for path in (VENDORS, BILLS, PAYMENTS):
        assert await page(client, path) == {"results": []}
        assert (await page(payer, path))["results"] != []
