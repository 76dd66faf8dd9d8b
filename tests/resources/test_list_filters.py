"""The documented filters and sorts of real lists over HTTP, one by one."""

from __future__ import annotations

import pytest

from tests.http import BillClient
from tests.resources.list_worlds import (
    BANK_USERS,
    BANKS,
    BILLS,
    PAYMENTS,
    VENDORS,
    WORLDS,
    shown,
)
from tests.resources.payables import BILL_CLASSIFICATIONS, told


def times(field: str, middle: str, before: str, at: str, after: str) -> list[tuple[str, str]]:
    """The four range filters around the time `middle`, in the forms that BILL documents."""
    return [
        (f'{field}:lt:"2026-06-03T{middle}:00.000Z"', before),
        (f'{field}:lte:"2026-06-03T{middle}:00.000"', f"{before} {at}"),
        (f'{field}:gt:"2026-06-03T{middle}:00"', after),
        (f"{field}:gte:2026-06-03T{middle}", f"{at} {after}"),
        (f'{field}:gte:"2026-06-03"', f"{before} {at} {after}"),
        (f'{field}:lt:"2026-06-03"', ""),
    ]


FILTERS: dict[str, list[tuple[str, str]]] = {
    VENDORS: [
        ("id:eq:{birch}", "birch"),
        ("id:ne:{birch}", "Ash Ashwood Cedar"),
        ('id:in:"{birch},{Ash}"', "Ash birch"),
        ("archived:eq:true", "Ashwood"),
        ("archived:eq:false", "Ash birch Cedar"),
        ("archived:ne:true", "Ash birch Cedar"),
        ("name:eq:Ash", "Ash"),
        ('name:sw:"Ash"', "Ash Ashwood"),
        ('name:sw:"ash"', ""),
        ("accountType:eq:BUSINESS", "Ash Cedar"),
        ("accountType:ne:BUSINESS", "Ashwood birch"),
        ('accountType:in:"PERSON,NONE"', "Ashwood birch"),
        ('accountType:nin:"PERSON,NONE"', "Ash Cedar"),
        ("address.country:eq:DK", "Ashwood Cedar"),
        ("address.country:ne:DK", "Ash birch"),
        ("billCurrency:eq:USD", "Ash Cedar"),
        ("billCurrency:ne:USD", "Ashwood birch"),
        ('billCurrency:in:"EUR,GBP"', "Ashwood birch"),
        ('billCurrency:nin:"EUR,GBP"', "Ash Cedar"),
        # BILL's page names the field, but vendors have none.
        ("paymentStatus:eq:UNPAID", ""),
        ("paymentStatus:ne:UNPAID", "Ash Ashwood birch Cedar"),
        ('paymentStatus:in:"UNPAID,PAID"', ""),
        ('paymentStatus:nin:"UNPAID,PAID"', "Ash Ashwood birch Cedar"),
        *times("createdTime", "16:10", "Ash", "Ashwood", "birch Cedar"),
        *times("updatedTime", "16:30", "Ash birch", "Cedar", "Ashwood"),
        ("billCurrency:eq:USD,address.country:eq:DK,archived:eq:false", "Cedar"),
    ],
    BILLS: [
        ("id:eq:{two}", "two"),
        ("id:ne:{two}", "one three four"),
        ('id:in:"{two},{four}"', "two four"),
        ("archived:eq:true", "three"),
        ("archived:ne:true", "one two four"),
        ("vendorId:eq:{X}", "one three"),
        ('vendorId:in:"{X},{Y}"', "one two three four"),
        ('dueDate:gt:"2026-07-01"', "three four"),
        ('dueDate:gte:"2026-07-01"', "one three four"),
        ('dueDate:lt:"2026-07-01"', "two"),
        ("dueDate:lte:2026-07-01", "one two"),
        ("paymentStatus:eq:UNPAID", "three four"),
        ("paymentStatus:ne:UNPAID", "one two"),
        ('paymentStatus:in:"PAID,PARTIALLY_PAID"', "one two"),
        *times("createdTime", "16:10", "one", "two", "three four"),
        *times("updatedTime", "16:40", "four", "one", "two three"),
        ("approvalStatus:eq:UNASSIGNED", "one two three four"),
        ("approvalStatus:eq:ASSIGNED", ""),
        ("approvalStatus:ne:UNASSIGNED", ""),
        ('approvalStatus:in:"ASSIGNED,UNASSIGNED"', "one two three four"),
        ("invoice.invoiceNumber:eq:three", "three"),
        *(
            (f"{field}:{rest}", expected)
            for field in (
                "payFromChartOfAccountId",
                *(f"classifications.{name}" for name in BILL_CLASSIFICATIONS),
            )
            for rest, expected in (
                ("eq:A", "one four"),
                ("ne:A", "two three"),
                ('in:"B,C"', "two"),
            )
        ),
    ],
    PAYMENTS: [
        ("id:eq:{two}", "two"),
        ("id:ne:{two}", "one three four five"),
        ('id:in:"{two},{four}"', "two four"),
        ("vendorId:eq:{Y}", "two five"),
        ("vendorId:ne:{Y}", "one three four"),
        ('vendorId:in:"{X},{Y}"', "one two three four five"),
        ("processDate:eq:2026-06-05", "one"),
        ('processDate:gt:"2026-06-05"', "four five"),
        ('processDate:gte:"2026-06-05"', "one four five"),
        ('processDate:lt:"2026-06-05"', "two three"),
        ('processDate:lte:"2026-06-05"', "one two three"),
        ("amount:eq:30.00", "three"),
        ("amount:gt:30", "one two"),
        ("amount:gte:30", "one two three"),
        ("amount:lt:30", "four five"),
        ("amount:lte:30", "three four five"),
        ("transactionNumber:eq:TXfour", "four"),
        ("transactionNumber:ne:TXfour", "one two three five"),
        ('transactionNumber:in:"TXone,TXfour"', "one four"),
        ("status:eq:PAID", "one two three"),
        ("status:eq:SCHEDULED", "five"),
        ("status:eq:CANCELLED", "four"),
        ("status:ne:PAID", "four five"),
        ("onlinePayment:eq:false", "three"),
        ("onlinePayment:ne:false", "one two four five"),
        ("disbursementType:eq:CHECK", "two five"),
        ("disbursementType:ne:CHECK", "one three four"),
        ('disbursementType:in:"OFFLINE,CHECK"', "two three five"),
        *times("createdTime", "16:10", "one", "two", "three four five"),
        *times("updatedTime", "16:50", "three five", "four", "one two"),
    ],
    BANKS: [
        ("id:eq:{Alpha}", "Alpha"),
        ("id:ne:{Alpha}", "First Delta Echo"),
        ('id:in:"{Alpha},{Echo}"', "Alpha Echo"),
        ("bankAccountId:eq:{Alpha}", "Alpha"),
        ("bankAccountId:ne:{Alpha}", "First Delta Echo"),
        ('bankAccountId:in:"{Alpha},{Echo}"', "Alpha Echo"),
        ("archived:eq:false", "First Alpha"),
        ("archived:ne:false", "Delta Echo"),
        ("status:eq:VERIFIED", "First Alpha"),
        ("status:ne:VERIFIED", "Delta Echo"),
        ('status:in:"PENDING,BLOCKED"', "Delta Echo"),
        *times("createdTime", "16:20", "First Delta", "Alpha", "Echo"),
        *times("updatedTime", "16:40", "First Delta", "Alpha", "Echo"),
    ],
    BANK_USERS: [
        ("id:eq:{CLERK}", "CLERK"),
        ("id:ne:{CLERK}", "ADMINISTRATOR PAYER"),
        ('id:in:"{CLERK},{PAYER}"', "CLERK PAYER"),
        ("bankAccountId:eq:{bank}", "ADMINISTRATOR PAYER CLERK"),
        ("bankAccountId:ne:{bank}", ""),
        ('bankAccountId:in:"{bank},x"', "ADMINISTRATOR PAYER CLERK"),
        ("userId:eq:{payer}", "PAYER"),
        ("userId:ne:{payer}", "ADMINISTRATOR CLERK"),
        ('userId:in:"{payer},{clerk}"', "PAYER CLERK"),
        ("archived:eq:true", "PAYER"),
        ("archived:ne:true", "ADMINISTRATOR CLERK"),
        ("verificationStatus:eq:NOMINATED", "CLERK"),
        ("verificationStatus:ne:NOMINATED", "ADMINISTRATOR PAYER"),
        ('verificationStatus:in:"NOMINATED,UNVERIFIED"', "PAYER CLERK"),
    ],
}

# Ascending; records without a value come first, equal ones in the order of their creation.
SORTS: dict[str, dict[str, str]] = {
    VENDORS: {
        "archived": "Ash birch Cedar Ashwood",
        "name": "Ash Ashwood Cedar birch",
        "shortName": "birch Cedar Ashwood Ash",
        "email": "birch Cedar Ashwood Ash",
        "phone": "birch Cedar Ashwood Ash",
        "billCurrency": "Ashwood birch Ash Cedar",
        "createdTime": "Ash Ashwood birch Cedar",
        "updatedTime": "Ash birch Cedar Ashwood",
    },
    BILLS: {
        "archived": "one two four three",
        "fundingAmount": "four three two one",
        "exchangeRate": "one two three four",
        "description": "three four two one",
        "dueDate": "two one three four",
        "createdTime": "one two three four",
        "updatedTime": "four one two three",
    },
    PAYMENTS: {
        "description": "four three one two five",
        "processDate": "three two one five four",
        "amount": "five four three two one",
        "confirmationNumber": "one two three four five",
        "onlinePayment": "three one two four five",
        "createdTime": "one two three four five",
        "updatedTime": "three five four two one",
        "disbursementStatus": "three four five two one",
    },
    BANKS: {
        "archived": "First Alpha Delta Echo",
        "nameOnAccount": "First Alpha Delta Echo",
        "bankName": "Alpha Delta Echo First",
        "accessToAdmins": "First Alpha Echo Delta",
        "type": "First Alpha Delta Echo",
        "ownerType": "First Alpha Echo Delta",
        "createdTime": "First Delta Alpha Echo",
        "updatedTime": "First Delta Alpha Echo",
    },
    BANK_USERS: {"archived": "ADMINISTRATOR CLERK PAYER"},
}


@pytest.mark.parametrize(
    ("path", "filters", "expected"),
    [(path, *case) for path, cases in FILTERS.items() for case in cases],
)
async def test_a_filter_keeps_the_records_it_describes(
    payer: BillClient, path: str, filters: str, expected: str
) -> None:
    labels = await WORLDS[path](payer)
    found = await shown(payer, path, f"filters={filters}", labels)
    assert set(found.split()) == set(expected.split())


@pytest.mark.parametrize(
    ("path", "field", "expected"),
    [(path, *case) for path, cases in SORTS.items() for case in cases.items()],
)
async def test_a_sort_orders_the_records_up_and_down(
    payer: BillClient, path: str, field: str, expected: str
) -> None:
    labels = await WORLDS[path](payer)
    assert await shown(payer, path, f"sort={field}", labels) == expected
    assert await shown(payer, path, f"sort={field}:asc", labels) == expected
    downward = " ".join(reversed(expected.split()))
    assert await shown(payer, path, f"sort={field}:desc", labels) == downward


@pytest.mark.parametrize(
    ("path", "sort", "expected"),
    [
        (VENDORS, "archived:desc,name:asc", "Ashwood Ash Cedar birch"),
        (VENDORS, "billCurrency,createdTime:desc", "Ashwood birch Cedar Ash"),
        (BILLS, "archived,fundingAmount:desc", "one two four three"),
    ],
)
async def test_sorts_may_be_combined(
    payer: BillClient, path: str, sort: str, expected: str
) -> None:
    labels = await WORLDS[path](payer)
    assert await shown(payer, path, f"sort={sort}", labels) == expected


ALL_OPERATORS = ("eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "sw")


def refused_operators() -> list[tuple[str, str, str]]:
    """Per list and field, the operators that no case above has."""
    cases = []
    for path, filters in FILTERS.items():
        allowed: dict[str, set[str]] = {}
        for text, _ in filters:
            field, operator, _ = text.split(":", 2)
            allowed.setdefault(field, set()).add(operator)
        for field, operators in allowed.items():
            rest = [one for one in ALL_OPERATORS if one not in operators]
            cases.append((path, field, " ".join([*rest, "like"])))
    return cases


@pytest.mark.parametrize(("path", "field", "operators"), refused_operators())
async def test_an_operator_that_a_field_does_not_have_is_bdc_1131(
    client: BillClient, path: str, field: str, operators: str
) -> None:
    for operator in operators.split():
        answer = await client.get(f"{path}?filters={field}:{operator}:1")
        text = f"Invalid list filter operator: {operator}."
        assert (answer.status, told(answer)) == (400, [("BDC_1131", text)])


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (VENDORS, "email"),
        (VENDORS, "Name"),
        (BILLS, "amount"),
        (PAYMENTS, "billId"),
        (PAYMENTS, "singleStatus"),
        (BANKS, "bankName"),
        (BANK_USERS, "createdTime"),
    ],
)
async def test_a_field_that_cannot_be_filtered_is_bdc_1130(
    client: BillClient, path: str, field: str
) -> None:
    answer = await client.get(f"{path}?filters={field}:eq:1")
    text = f"Invalid list filter field: {field}."
    assert (answer.status, told(answer)) == (400, [("BDC_1130", text)])


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        (VENDORS, "accountType", "FIRM"),
        (VENDORS, "archived", "maybe"),
        (BILLS, "approvalStatus", "PENDING"),
        (BILLS, "paymentStatus", "PARTIAL"),
        (PAYMENTS, "status", "PENDING"),
        (PAYMENTS, "amount", "much"),
        (PAYMENTS, "processDate", "soon"),
        (BANKS, "status", "verified"),
        (BANK_USERS, "verificationStatus", "PENDING"),
    ],
)
async def test_a_filter_value_that_does_not_fit_is_bdc_1129(
    client: BillClient, path: str, field: str, value: str
) -> None:
    answer = await client.get(f"{path}?filters={field}:eq:{value}")
    text = f"Invalid parameter value for parameter,value: {field}, {value}."
    assert (answer.status, told(answer)) == (400, [("BDC_1129", text)])


@pytest.mark.parametrize(
    ("path", "sort"),
    [
        (VENDORS, "accountType"),
        (VENDORS, "name:up"),
        (BILLS, "amount"),
        (PAYMENTS, "status"),
        (BANKS, "status:asc"),
        (BANK_USERS, "createdTime"),
    ],
)
async def test_a_sort_that_the_list_does_not_have_is_bdc_1129(
    client: BillClient, path: str, sort: str
) -> None:
    answer = await client.get(f"{path}?sort={sort}")
    text = f"Invalid parameter value for parameter,value: sort, {sort}."
    assert (answer.status, told(answer)) == (400, [("BDC_1129", text)])
