"""When a payment may be processed: bank days, notice, cut-off, young vendor bank accounts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient

UNFILLED = "Invalid Process Date : ${paramName0}."
TOO_YOUNG = "Please select a payment processing date two business days out from today."

WEDNESDAY_NINE = "2026-06-03T09:00:00-07:00"
BEFORE_CUTOFF = "2026-06-03T17:59:59-07:00"
AT_CUTOFF = "2026-06-03T18:00:00-07:00"
FRIDAY_NINE = "2026-06-05T09:00:00-07:00"
FRIDAY_NIGHT = "2026-06-05T20:00:00-07:00"
SATURDAY = "2026-06-06T09:00:00-07:00"
SUNDAY = "2026-06-07T09:00:00-07:00"
# Monday 2026-10-12 is Columbus Day; the Sunday is the one observed in production.
OBSERVED_SUNDAY = "2026-10-04T09:00:00-07:00"
BEFORE_COLUMBUS_DAY = "2026-10-09T09:00:00-07:00"
COLUMBUS_DAY = "2026-10-12T09:00:00-07:00"
BEFORE_JUNETEENTH = "2026-06-18T09:00:00-07:00"
BEFORE_THANKSGIVING = "2026-11-25T09:00:00-08:00"
NEW_YEARS_EVE = "2026-12-31T09:00:00-08:00"
# The Fourth is a Saturday, which the Federal Reserve does not move to Friday.
BEFORE_THE_FOURTH = "2026-07-02T09:00:00-07:00"


def told(answer: Answer) -> list[tuple[str | None, str]]:
    """Code and message of every item of a refusal."""
    return [(item.get("code"), item["message"]) for item in answer.body]


def twice(record_id: str, code: str, message: str) -> list[tuple[str | None, str]]:
    """How BILL tells a refused payment: plain, and with the bill's id in front."""
    return [(code, message), (code, f"{record_id} : {message}")]


async def new_bill(client: BillClient, **vendor: Any) -> dict[str, Any]:
    """A bill of 100 dollars of a new vendor."""
    return await client.new_bill((await client.new_vendor(**vendor))["id"], 100)


@pytest.mark.parametrize(
    ("now", "earliest"),
    [
        (WEDNESDAY_NINE, "2026-06-04"),
        (BEFORE_CUTOFF, "2026-06-04"),
        (AT_CUTOFF, "2026-06-05"),
        (FRIDAY_NINE, "2026-06-08"),
        (FRIDAY_NIGHT, "2026-06-09"),
        (SATURDAY, "2026-06-09"),
        (SUNDAY, "2026-06-09"),
        (OBSERVED_SUNDAY, "2026-10-06"),
        (BEFORE_COLUMBUS_DAY, "2026-10-13"),
        (COLUMBUS_DAY, "2026-10-14"),
        (BEFORE_JUNETEENTH, "2026-06-22"),
        (BEFORE_THANKSGIVING, "2026-11-27"),
        (NEW_YEARS_EVE, "2027-01-04"),
        (BEFORE_THE_FOURTH, "2026-07-03"),
        # Already Thursday in UTC, still Wednesday before the cut-off in California.
        ("2026-06-04T00:30:00+00:00", "2026-06-04"),
        # Already Thursday in UTC, Wednesday after the cut-off in California.
        ("2026-06-04T01:30:00+00:00", "2026-06-05"),
    ],
)
async def test_the_default_is_the_earliest_day_and_can_be_asked_for(
    make_client: MakeClient, now: str, earliest: str
) -> None:
    client = await make_client(trusted=True, start=now)
    bill = await new_bill(client)
    assert (await client.pay(bill, 1)).body["processDate"] == earliest
    assert (await client.pay(bill, 1, processDate=earliest)).body["processDate"] == earliest
    options = await client.get(f"/v3/payments/options?vendorId={bill['vendorId']}&amount=1")
    assert options.body["fundingOptions"]["banks"][0]["processDate"] == earliest


@pytest.mark.parametrize(
    ("now", "asked"),
    [
        (WEDNESDAY_NINE, "2026-06-03"),
        (WEDNESDAY_NINE, "2026-06-02"),
        (WEDNESDAY_NINE, "2020-06-04"),
        (WEDNESDAY_NINE, "2026-06-06"),
        (WEDNESDAY_NINE, "2026-06-07"),
        (WEDNESDAY_NINE, "2026-06-19"),
        (WEDNESDAY_NINE, "2026-12-25"),
        (WEDNESDAY_NINE, "2027-01-01"),
        (AT_CUTOFF, "2026-06-04"),
        (FRIDAY_NINE, "2026-06-06"),
        (FRIDAY_NIGHT, "2026-06-08"),
        (SATURDAY, "2026-06-08"),
        (OBSERVED_SUNDAY, "2026-10-04"),
        (OBSERVED_SUNDAY, "2026-10-05"),
        (BEFORE_COLUMBUS_DAY, "2026-10-12"),
        (COLUMBUS_DAY, "2026-10-13"),
        (BEFORE_THE_FOURTH, "2026-07-04"),
    ],
)
async def test_a_day_without_full_notice_or_bank_is_bdc_1152(
    make_client: MakeClient, now: str, asked: str
) -> None:
    client = await make_client(trusted=True, start=now)
    bill = await new_bill(client)
    answer = await client.pay(bill, 100, processDate=asked)
    assert answer.status == 422
    assert told(answer) == twice(bill["id"], "BDC_1152", UNFILLED)
    assert (await client.get("/v3/payments")).body["results"] == []


@pytest.mark.parametrize("asked", ["2026-06-04", "2026-06-05", "2026-06-18", "2027-06-18"])
async def test_any_later_bank_day_is_taken(payer: BillClient, asked: str) -> None:
    answer = await payer.pay(await new_bill(payer), 100, processDate=asked)
    assert (answer.status, answer.body["processDate"]) == (201, asked)


async def test_a_day_that_is_none_is_400(payer: BillClient) -> None:
    answer = await payer.pay(await new_bill(payer), 100, processDate="2026-06-31")
    assert answer.status == 400
    assert told(answer) == [
        (
            None,
            "JSON parse error: Cannot deserialize value of type `java.time.LocalDate` from"
            ' String "2026-06-31": not a valid date (yyyy-MM-dd)',
        )
    ]


async def test_production_fills_the_date_into_the_text(make_client: MakeClient) -> None:
    client = await make_client(trusted=True, process_date_text="filled")
    bill = await new_bill(client)
    answer = await client.pay(bill, 100, processDate="2026-06-03")
    assert answer.status == 422
    assert told(answer) == twice(bill["id"], "BDC_1152", "Invalid Process Date : 2026-06-03")


@pytest.mark.parametrize(("hour", "earliest"), [(9, "2026-06-05"), (10, "2026-06-04")])
async def test_the_cut_off_hour_can_be_set(
    make_client: MakeClient, hour: int, earliest: str
) -> None:
    client = await make_client(trusted=True, process_cutoff_hour=hour)
    assert (await client.pay(await new_bill(client), 1)).body["processDate"] == earliest


@pytest.mark.parametrize(
    ("now", "too_soon", "soon_enough"),
    [
        (WEDNESDAY_NINE, "2026-06-04", "2026-06-05"),
        (FRIDAY_NINE, "2026-06-08", "2026-06-09"),
        (BEFORE_COLUMBUS_DAY, "2026-10-13", "2026-10-14"),
    ],
)
async def test_a_young_vendor_bank_account_is_bdc_1402_where_production_checks_it(
    make_client: MakeClient, now: str, too_soon: str, soon_enough: str
) -> None:
    client = await make_client(trusted=True, start=now, vendor_bank_check="two_bank_days")
    bill = await new_bill(client)
    for asked in ({"processDate": too_soon}, {}):
        answer = await client.pay(bill, 1, **asked)
        assert answer.status == 422
        assert told(answer) == twice(bill["id"], "BDC_1402", TOO_YOUNG)
    assert (await client.pay(bill, 1, processDate=soon_enough)).status == 201


async def test_the_sandbox_does_not_look_at_the_age_of_an_account(payer: BillClient) -> None:
    assert (await payer.pay(await new_bill(payer), 1, processDate="2026-06-04")).status == 201


async def test_a_vendor_bank_account_comes_of_age(make_client: MakeClient) -> None:
    client = await make_client(trusted=True, vendor_bank_check="two_bank_days")
    bill = await new_bill(client)
    await client.advance(businessDays=1)
    assert (await client.pay(bill, 1, processDate="2026-06-05")).status == 201


async def test_the_age_counts_from_the_present_account(make_client: MakeClient) -> None:
    client = await make_client(trusted=True, vendor_bank_check="two_bank_days")
    bill = await new_bill(client, by_check=True)
    assert (await client.pay(bill, 1, processDate="2026-06-04")).status == 201
    await client.advance(businessDays=10)
    account = {"accountNumber": "555666777", "routingNumber": "074000010"}
    path = f"/v3/vendors/{bill['vendorId']}/bank-account"
    assert (await client.post(path, account)).status == 200
    answer = await client.pay(bill, 1, processDate="2026-06-18")
    assert told(answer) == twice(bill["id"], "BDC_1402", TOO_YOUNG)
    # The 19th is Juneteenth.
    assert (await client.pay(bill, 1, processDate="2026-06-22")).status == 201
