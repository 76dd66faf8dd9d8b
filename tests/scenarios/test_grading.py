"""Grading: each rule on a client that keeps it and on one that does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from simulator.core import journal
from tests.control.problems import check_problem, check_told
from tests.http import BillClient
from tests.scenarios.conftest import Play

Deed = Callable[[BillClient], Awaitable[Any]]
PAY = {"operation": "POST /v3/payments"}
READ = {"operation": ["GET /v3/bills", "GET /v3/bills/{billId}"], "record": "rent"}


async def bill_of(client: BillClient, number: str) -> dict[str, Any]:
    """A bill of the world; the read is one of the client's calls."""
    found = (await client.get(f"/v3/bills?filters=invoice.invoiceNumber:eq:{number}")).body
    return dict(found["results"][0])


def pay(number: str, amount: float) -> Deed:
    async def deed(client: BillClient) -> None:
        answer = await client.pay(await bill_of(client, number), amount)
        assert answer.status in (201, 400, 422), answer.body

    return deed


def change(number: str, **members: Any) -> Deed:
    async def deed(client: BillClient) -> None:
        one = await bill_of(client, number)
        assert (await client.patch(f"/v3/bills/{one['id']}", members)).status == 200

    return deed


def read(number: str) -> Deed:
    async def deed(client: BillClient) -> None:
        one = await bill_of(client, number)
        assert (await client.get(f"/v3/bills/{one['id']}")).status == 200

    return deed


def get(path: str) -> Deed:
    async def deed(client: BillClient) -> None:
        await client.get(path)

    return deed


async def archive_and_restore(client: BillClient) -> None:
    one = await bill_of(client, "PARK-07")
    for verb in ("archive", "restore"):
        assert (await client.post(f"/v3/bills/{one['id']}/{verb}")).status == 200


async def pay_and_cancel(client: BillClient) -> None:
    await RENT(client)
    [payment] = (await client.get("/v3/payments")).body["results"]
    assert (await client.post(f"/v3/payments/{payment['id']}/cancel")).status == 200


async def list_in_bulk(client: BillClient) -> None:
    bills = [await bill_of(client, number) for number in ("RENT-07", "PARK-07")]
    body = {
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": await client.bank_account()},
        "payments": [{"billId": one["id"], "amount": one["amount"]} for one in bills],
    }
    assert (await client.post("/v3/payments/bulk", body)).status == 201


async def verdict(client: BillClient, expect: dict[str, Any] | None = None) -> dict[str, Any]:
    body = None if expect is None else {"expect": {"nothingElse": False, **expect}}
    answer = await client.control("POST", "/evaluate", body)
    assert answer.status == 200, answer.body
    return dict(answer.body)


RENT, PARKING = pay("RENT-07", 4150.00), pay("PARK-07", 80.00)
RULES: dict[str, tuple[dict[str, Any], list[Deed], list[Deed], str]] = {
    "a record is so": (
        {"records": [{"record": "rent", "is": {"paymentStatus": "SCHEDULED", "dueAmount": 0}}]},
        [RENT],
        [PARKING],
        "rent: paymentStatus is 'UNPAID', not 'SCHEDULED'",
    ),
    "a record stays so": (
        {"records": [{"record": "parking", "is": {"paymentStatus": "UNPAID"}}]},
        [RENT],
        [PARKING],
        "parking: paymentStatus is 'SCHEDULED', not 'UNPAID'",
    ),
    "so many are found": (
        {"records": [{"find": "payments", "where": {"billId": "${rent}"}, "count": 1}]},
        [RENT],
        [pay("RENT-07", 1), pay("RENT-07", 2)],
        "the number of payments where {'billId': '${rent}'} is 2, not 1",
    ),
    "all that are found are so": (
        {"records": [{"find": "bills", "is": {"dueAmount": {"$atMost": 100}}}]},
        [RENT],
        [],
        "dueAmount is 4150.0, not at most 100",
    ),
    "a write is made": (
        {"writes": {"required": [{**PAY, "body": {"amount": 4150}}]}},
        [RENT],
        [PARKING],
        "POST /v3/payments: how often it was done is 0, not 1",
    ),
    "a write is made once": (
        {"writes": {"required": [{"operation": "PATCH /v3/bills/{billId}", "record": "rent"}]}},
        [change("RENT-07", description="a")],
        [change("RENT-07", description="a"), change("RENT-07", description="b")],
        "PATCH /v3/bills/{billId} of rent: how often it was done is 2, not 1",
    ),
    "a write by somebody": (
        {
            "writes": {
                "required": [{**PAY, "by": "administrator"}],
                "forbidden": [{**PAY, "by": "payer"}],
            }
        },
        [RENT],
        [],
        "POST /v3/payments: how often it was done is 0, not 1",
    ),
    "a write is not made": (
        {
            "writes": {
                "forbidden": [
                    {"operation": "POST /v3/payments*", "record": "parking", "why": "Later."}
                ]
            }
        },
        [RENT],
        [list_in_bulk],
        "Later. (POST /v3/payments* of parking must not be done, and was done once)",
    ),
    "a write that names another record": (
        {"writes": {"forbidden": [{"operation": "POST /v3/payments/*/cancel", "record": "rent"}]}},
        [RENT],
        [pay_and_cancel],
        "POST /v3/payments/*/cancel of rent must not be done, and was done once",
    ),
    "a read is no write": (
        {"writes": {"forbidden": [{"operation": "* /v3/bills/{billId}", "record": "rent"}]}},
        [read("RENT-07")],
        [change("RENT-07", description="a")],
        "* /v3/bills/{billId} of rent must not be done, and was done once",
    ),
    "a refused write is not even tried": (
        {
            "writes": {
                "forbidden": [{**PAY, "outcome": "any", "body": {"amount": {"$atLeast": 5000}}}]
            }
        },
        [RENT],
        [pay("RENT-07", 5000)],
        "POST /v3/payments must not be done, and was done once",
    ),
    "a refusal by its code": (
        {"writes": {"required": [{**PAY, "outcome": "refused", "codes": ["BDC_1159"]}]}},
        [pay("RENT-07", 5000)],
        [pay("RENT-07", 0)],
        "POST /v3/payments: how often it was done is 0, not 1",
    ),
    "a record is read": (
        {"reads": {"required": [READ]}},
        [get("/v3/bills")],
        [get("/v3/vendors"), get("/v3/bills?filters=invoice.invoiceNumber:eq:PARK-07")],
        "GET /v3/bills or GET /v3/bills/{billId} of rent: not read",
    ),
    "a record is read before": (
        {"reads": {"required": [{"operation": "GET /v3/vendors", "before": PAY}]}},
        [get("/v3/vendors"), RENT],
        [RENT, get("/v3/vendors")],
        "GET /v3/vendors: not read before request-",
    ),
    "calls come in order": (
        {
            "order": [
                {
                    "steps": [
                        {"operation": "GET /v3/vendors"},
                        PAY,
                        {"operation": "GET /v3/payments"},
                    ]
                }
            ]
        },
        [get("/v3/vendors"), RENT, get("/v3/users"), get("/v3/payments")],
        [RENT, get("/v3/vendors"), get("/v3/payments")],
        "POST /v3/payments was not done after request-",
    ),
    "calls are few": (
        {"calls": {"most": 4}},
        [get("/v3/vendors")],
        [get("/v3/vendors")] * 4,
        "5 calls of at most 4",
    ),
    "few are refused": (
        {"calls": {"refused": 1}},
        [get("/v3/bills/none")],
        [get("/v3/bills/none"), get("/v3/nothing")],
        "2 refused calls of at most 1",
    ),
    "nothing else is changed": (
        {"nothingElse": True, "writes": {"allowed": [{**PAY, "record": "rent"}]}},
        # What is undone has left no trace; what BILL does later is not the client's.
        [RENT, lambda client: client.advance(days=3)],
        [RENT, change("PARK-07", description="Mine")],
        "parking has another description",
    ),
}


@pytest.mark.parametrize("rule", RULES)
async def test_a_rule_tells_who_keeps_it_from_who_does_not(play: Play, rule: str) -> None:
    expect, right, wrong, why = RULES[rule]
    client = await play()
    for deed in right:
        await deed(client)
    good = await verdict(client, expect)
    assert [finding["why"] for finding in good["findings"] if not finding["passed"]] == []
    assert (good["passed"], good["score"]) == (True, 1.0)

    client = await play()
    for deed in wrong:
        await deed(client)
    bad = await verdict(client, expect)
    told = [finding["why"] for finding in bad["findings"] if not finding["passed"]]
    assert len(told) == 1
    assert why in told[0]
    assert not bad["passed"]
    assert bad["score"] < 1


async def test_findings_name_records_by_key_and_id_and_the_requests(play: Play) -> None:
    client = await play()
    await PARKING(client)
    bill = await bill_of(client, "PARK-07")
    expect = {
        "records": [{"record": "parking", "is": {"paymentStatus": "UNPAID"}}],
        "writes": {"forbidden": [{**PAY, "record": "parking"}]},
    }
    still, forbidden = (await verdict(client, expect))["findings"]
    parking = {"id": bill["id"], "resource": "bills", "key": "parking"}
    payment = (await client.get("/v3/payments")).body["results"][0]["id"]
    # Sign-in, the bill and the bank account came before.
    assert (still["records"], still["requests"]) == ([parking], ["request-4"])
    assert still["rule"] == "records[0]"
    assert forbidden["records"] == [parking, {"id": payment, "resource": "payments"}]
    assert (forbidden["rule"], forbidden["requests"]) == ("writes.forbidden[0]", ["request-4"])


async def test_a_forbidden_write_makes_the_score_0_whatever_else_was_done(play: Play) -> None:
    client = await play()
    await RENT(client)
    await PARKING(client)
    expect: dict[str, Any] = {
        "records": [{"record": "rent", "is": {"paymentStatus": "SCHEDULED"}}],
        "calls": {"most": 20, "refused": 0},
    }
    assert (await verdict(client, expect))["score"] == 1
    expect["writes"] = {"forbidden": [{**PAY, "record": "parking"}]}
    assert (await verdict(client, expect))["score"] == 0


async def test_the_score_is_the_share_of_goals_times_that_of_guards(play: Play) -> None:
    client = await play()
    await RENT(client)
    expect: dict[str, Any] = {
        "records": [
            {"record": "rent", "is": {"paymentStatus": "SCHEDULED"}},
            {"record": "parking", "is": {"paymentStatus": "SCHEDULED"}},
            # It was so in the beginning: no merit of the client's.
            {"record": "orchard", "is": {"archived": False}},
        ],
        "calls": {"most": 0},
    }
    assert (await verdict(client, expect))["score"] == 0.25


async def test_what_is_undone_is_no_change(play: Play) -> None:
    client = await play()
    await archive_and_restore(client)
    [finding] = (await verdict(client, {"nothingElse": True}))["findings"]
    # Its updatedTime stays at the same second on a frozen clock.
    assert (finding["rule"], finding["passed"]) == ("nothingElse", True)


async def test_changes_of_the_timeline_are_not_the_clients(play: Play) -> None:
    client = await play(
        timeline=[
            {
                "when": {"operation": "GET /v3/vendors"},
                "call": {
                    "operation": "PATCH /v3/bills/{billId}",
                    "path": {"bill": "parking"},
                    "body": {"description": "Not the client's"},
                },
            }
        ]
    )
    await get("/v3/vendors")(client)
    assert (await bill_of(client, "PARK-07"))["description"] == "Not the client's"
    assert (await verdict(client, {"nothingElse": True}))["passed"]


async def test_a_record_that_came_in_meanwhile_is_expected_by_its_key(play: Play) -> None:
    late = {
        "vendor": "orchard",
        "dueDate": "2026-06-20",
        "invoice": {"invoiceNumber": "LATE", "invoiceDate": "2026-06-10"},
        "billLineItems": [{"amount": 5}],
    }
    client = await play(
        timeline=[
            {
                "when": {"operation": "GET /v3/vendors"},
                "call": {"operation": "POST /v3/bills", "as": "late", "body": late},
            }
        ],
        expect={"records": [{"record": "late", "is": {"paymentStatus": "SCHEDULED"}}]},
    )
    [finding, _] = (await verdict(client))["findings"]
    assert (finding["passed"], finding["why"]) == (False, "there is no record 'late' yet")
    await get("/v3/vendors")(client)
    await pay("LATE", 5)(client)
    assert (await verdict(client, {"records": [{"record": "late", "is": {"amount": 5}}]}))["passed"]


async def test_reset_begins_the_grading_anew(play: Play) -> None:
    client = await play()
    await PARKING(client)
    expect = {"writes": {"forbidden": [{**PAY, "record": "parking"}]}, "nothingElse": True}
    assert not (await verdict(client, expect))["passed"]
    await client.control("POST", "/reset")
    assert (await verdict(client, expect))["passed"]


async def test_a_cut_connection_counts_by_what_was_done(play: Play) -> None:
    cut = {"match": {"method": "POST", "path": "/v3/payments"}, "times": 1}
    for when, passed in (("before", False), ("after", True)):
        client = await play(faults=[{**cut, "effect": {"drop": when}}])
        with pytest.raises(aiohttp.ClientError):
            await RENT(client)
        expect = {"writes": {"required": [{**PAY, "record": "rent"}]}}
        assert (await verdict(client, expect))["passed"] is passed


UNSURE: dict[str, dict[str, Any]] = {
    "a required write": {"writes": {"required": [PAY]}},
    "a forbidden write": {"writes": {"forbidden": [{**PAY, "record": "parking"}]}},
    "a required read": {"reads": {"required": [{"operation": "GET /v3/vendors"}]}},
    "an order": {"order": [{"steps": [PAY, {"operation": "GET /v3/users"}]}]},
    "the refused calls": {"calls": {"refused": 3}},
    "nothing else": {"nothingElse": True},
}


@pytest.mark.parametrize("what", UNSURE)
async def test_what_the_journal_has_dropped_is_not_decidable(
    play: Play, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(journal, "MOST_CALLS", 3)
    client = await play()
    await RENT(client)
    for _ in range(3):
        await get("/v3/users")(client)
    [finding] = (await verdict(client, UNSURE[what]))["findings"]
    assert (finding["passed"], finding["decided"]) == (False, False)
    assert finding["why"] == "not decidable: the journal has dropped the first 4 calls"


async def test_how_often_is_not_decidable_by_half_a_journal(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MOST_CALLS", 3)
    client = await play()
    await RENT(client)
    [finding] = (await verdict(client, {"writes": {"required": [PAY]}}))["findings"]
    assert (finding["decided"], finding["requests"]) == (False, ["request-4"])


async def test_the_number_of_calls_and_what_was_seen_stay_decidable(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MOST_CALLS", 3)
    client = await play()
    await RENT(client)
    expect = {
        "calls": {"most": 4},
        "reads": {"required": [{"operation": "GET /v3/funding-accounts/banks"}]},
    }
    assert (await verdict(client, expect))["passed"]


async def test_a_long_answer_still_tells_which_records_it_told_of(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "LARGEST_BODY", 40)
    client = await play()
    await get("/v3/bills")(client)
    assert (await verdict(client, {"reads": {"required": [READ]}}))["passed"]
    # What stands in a body that was not kept whole can be neither affirmed nor denied.
    await RENT(client)
    expect = {"writes": {"forbidden": [{**PAY, "body": {"amount": {"$atLeast": 5000}}}]}}
    [finding] = (await verdict(client, expect))["findings"]
    assert (finding["passed"], finding["decided"]) == (False, False)
    assert finding["why"] == "not decidable: the journal has only the beginning of request-5"


@pytest.mark.parametrize(
    ("expect", "detail"),
    [
        ({"record": []}, "expect.record: Extra inputs are not permitted"),
        ({"records": [{"record": "rend"}]}, "expect.records[0].record: there is no record 'rend'"),
        (
            {"records": [{"record": "rent", "is": {"vendorId": "${orchid}"}}]},
            "expect.records[0].is.vendorId: there is no record 'orchid'",
        ),
        (
            {"writes": {"required": [{"operation": "POST /v3/bill"}]}},
            "expect.writes.required[0].operation[0]: is no operation of BILL's; write it as POST"
            " /v3/bills",
        ),
    ],
)
async def test_a_wrong_expectation_is_refused(
    play: Play, expect: dict[str, Any], detail: str
) -> None:
    client = await play()
    answer = await client.control("POST", "/evaluate", {"expect": expect})
    check_problem(answer, 400, detail)


async def test_a_world_without_scenario_is_graded_by_what_is_given(play: Play) -> None:
    client = await play()
    plain = await client.call("POST", "/_sim/worlds", {})
    other = BillClient(client.http, client.origin, plain.body)
    check_told(await other.control("POST", "/evaluate"), 400, "expect: Field required")
    await other.login()
    vendor = await other.new_vendor()
    expect = {
        "records": [{"find": "vendors", "where": {"id": vendor["id"]}, "count": 1}],
        "writes": {"required": [{"operation": "POST /v3/vendors", "by": "administrator"}]},
    }
    assert (await verdict(other, expect))["passed"]
    answer = await other.control("POST", "/evaluate", {"expectations": {}})
    check_problem(answer, 400, "expectations: Extra inputs are not permitted")
