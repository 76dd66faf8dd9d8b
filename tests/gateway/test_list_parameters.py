"""The parameters of a list as they stand in the URL: what is taken, what is refused."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.http import BillClient
from tests.refusals import check_faults, check_refused

LISTS = ["/v3/vendors", "/v3/bills", "/v3/payments"]


def no_value(parameter: str, value: str) -> tuple[str, str]:
    told = f"Invalid parameter value for parameter,value: {parameter}, {value}."
    return "BDC_1129", told


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("0", "max: must be greater than or equal to 1"),
        ("-1", "max: must be greater than or equal to 1"),
        ("101", "max: must be less than or equal to 100"),
        ("99999999999999999999", "max: must be less than or equal to 100"),
    ],
)
async def test_a_max_outside_of_1_to_100_is_400(
    client: BillClient, path: str, value: str, message: str
) -> None:
    check_faults(await client.get(f"{path}?max={value}"), message)


@pytest.mark.parametrize(
    "value", ["abc", "1.5", "1e1", "0x10", "1_0", "\u0663", "5;", "1,2", "NaN"]
)
async def test_a_max_that_is_no_whole_number_is_400(client: BillClient, value: str) -> None:
    check_faults(
        await client.get(f"/v3/vendors?max={quote(value)}"),
        "Failed to convert value of type 'java.lang.String' to required type"
        f" 'java.lang.Integer'; For input string: \"{value}\"",
    )


@pytest.mark.parametrize("value", ["1", "100", "%2B5", ""])
async def test_a_max_of_1_to_100_or_none_is_taken(client: BillClient, value: str) -> None:
    assert (await client.get(f"/v3/vendors?max={value}")).body == {"results": []}


async def test_a_repeated_max_is_joined_with_commas(client: BillClient) -> None:
    answer = await client.get("/v3/vendors?max=5&max=6")
    assert answer.status == 400
    assert answer.body[0]["message"].endswith('For input string: "5,6"')


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("filters", "code", "message"),
    [
        ("nonsense:eq:1", "BDC_1130", "Invalid list filter field: nonsense."),
        ("Id:eq:1", "BDC_1130", "Invalid list filter field: Id."),
        (":eq:1", "BDC_1130", "Invalid list filter field: ."),
        ("billId:eq:1", "BDC_1130", "Invalid list filter field: billId."),
        ("id:is:1", "BDC_1131", "Invalid list filter operator: is."),
        ("id:EQ:1", "BDC_1131", "Invalid list filter operator: EQ."),
        ("id::1", "BDC_1131", "Invalid list filter operator: ."),
        ("id:gt:1", "BDC_1131", "Invalid list filter operator: gt."),
        ("createdTime:eq:2026-06-03", "BDC_1131", "Invalid list filter operator: eq."),
        ("id", *no_value("filters", "id")),
        ("id:eq", *no_value("filters", "id:eq")),
        ("id:eq:1,", *no_value("filters", "")),
        ("createdTime:gt:soon", *no_value("createdTime", "soon")),
        ("createdTime:gt:", *no_value("createdTime", "")),
        (
            'createdTime:gt:"0001-01-01T00:00:00+14:00"',
            *no_value("createdTime", "0001-01-01T00:00:00+14:00"),
        ),
        ("id:eq:1,nonsense:eq:2", "BDC_1130", "Invalid list filter field: nonsense."),
    ],
)
async def test_a_bad_filter_is_400(
    client: BillClient, path: str, filters: str, code: str, message: str
) -> None:
    check_refused(await client.get(f"{path}?filters={quote(filters)}"), 400, (code, message))


@pytest.mark.parametrize(
    ("path", "filters", "field", "value"),
    [
        ("/v3/vendors", "archived:eq:maybe", "archived", "maybe"),
        ("/v3/vendors", "accountType:eq:business", "accountType", "business"),
        ("/v3/vendors", 'accountType:in:"BUSINESS,SHOP"', "accountType", "BUSINESS,SHOP"),
        ("/v3/bills", "dueDate:gt:2026-02-30", "dueDate", "2026-02-30"),
        ("/v3/bills", "paymentStatus:eq:PENDING", "paymentStatus", "PENDING"),
        ("/v3/payments", "amount:gt:much", "amount", "much"),
        ("/v3/payments", "amount:gt:NaN", "amount", "NaN"),
        ("/v3/payments", "amount:eq:Infinity", "amount", "Infinity"),
        ("/v3/payments", "status:eq:PENDING", "status", "PENDING"),
    ],
)
async def test_a_filter_value_of_another_type_is_400_bdc_1129(
    client: BillClient, path: str, filters: str, field: str, value: str
) -> None:
    answer = await client.get(f"{path}?filters={quote(filters)}")
    check_refused(answer, 400, no_value(field, value))


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("nonsense:asc", "nonsense:asc"),
        ("createdTime:up", "createdTime:up"),
        ("createdTime:asc:desc", "createdTime:asc:desc"),
        ("createdTime:asc,", ""),
        ("createdTime,nonsense", "nonsense"),
    ],
)
async def test_a_bad_sort_is_400_bdc_1129(
    client: BillClient, path: str, sort: str, value: str
) -> None:
    answer = await client.get(f"{path}?sort={quote(sort)}")
    check_refused(answer, 400, no_value("sort", value))


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "page",
    # The last is what a cursor holds, without its checksum.
    ["x", "2", "W10", "bnVsbA", "e30", "\u00e9", "=", "!", "a" * 5000, "W1tdLDAsMCwiIiwiIl0"],
)
async def test_a_page_that_is_no_cursor_is_400_bdc_1129(
    client: BillClient, path: str, page: str
) -> None:
    answer = await client.get(f"{path}?page={quote(page)}")
    check_refused(answer, 400, no_value("page", page))


async def test_a_cursor_of_another_list_is_400_bdc_1129(client: BillClient) -> None:
    first, _ = await client.new_vendor(), await client.new_vendor()
    await client.new_bill(first["id"])
    page = (await client.get("/v3/vendors?max=1&sort=name")).body["nextPage"]
    assert (await client.get(f"/v3/vendors?page={page}")).status == 200
    check_refused(await client.get(f"/v3/bills?page={page}"), 400, no_value("page", page))


async def test_unknown_parameters_are_ignored(client: BillClient) -> None:
    answer = await client.get("/v3/vendors?limit=0&Max=0&%FF=%FF&=&&x")
    assert (answer.status, answer.body) == (200, {"results": []})


async def test_the_parameters_of_a_list_are_no_matter_elsewhere(client: BillClient) -> None:
    made = await client.new_vendor()
    answer = await client.get(f"/v3/vendors/{made['id']}?max=0&filters=x&page=x&sort=x")
    assert (answer.status, answer.body) == (200, made)
