"""The configuration of international payments over HTTP, by query and by vendor."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.http import BillClient
from tests.resources.payables import SMALLEST_VENDOR, told

NO_RULES = {
    "paymentPurpose": {"required": False, "codes": []},
    "validations": {"fields": []},
}
QUERY = {"country": "DK", "billCurrency": "EUR", "accountType": "BUSINESS"}


async def ask(client: BillClient, query: dict[str, str]) -> Any:
    path = f"/v3/vendors/configuration/international-payments?{urlencode(query)}"
    return await client.get(path)


async def foreign_vendor(client: BillClient, country: str) -> str:
    address = {**SMALLEST_VENDOR["address"], "country": country}
    answer = await client.post("/v3/vendors", {**SMALLEST_VENDOR, "address": address})
    return str(answer.body["id"])


async def test_a_country_without_rules_asks_for_nothing(client: BillClient) -> None:
    answer = await ask(client, QUERY)
    assert (answer.status, answer.body) == (200, NO_RULES)


@pytest.mark.parametrize(
    ("country", "field", "form"),
    [
        ("IN", "ifsc", "^[A-Z]{4}0[A-Z0-9]{6}$"),
        ("MX", "clabe", "^[0-9]{18}$"),
        ("AU", "bsb", "^[0-9]{6}$"),
        ("GB", "sortCode", "^[0-9]{6}$"),
    ],
)
async def test_a_country_with_a_regulatory_field_names_it_and_its_form(
    client: BillClient, country: str, field: str, form: str
) -> None:
    answer = await ask(client, {**QUERY, "country": country})
    assert answer.status == 200
    (shown,) = answer.body["validations"]["fields"]
    assert shown["description"]
    assert {key: value for key, value in shown.items() if key != "description"} == {
        "name": field,
        "regularExpression": form,
        "required": True,
    }


@pytest.mark.parametrize("country", ["AE", "BH", "CN", "IN", "JO", "MY", "PH"])
async def test_some_countries_ask_for_a_coded_purpose(client: BillClient, country: str) -> None:
    answer = await ask(client, {**QUERY, "country": country})
    assert answer.body["paymentPurpose"] == {
        "required": True,
        "type": "CODE",
        "codes": [
            {"name": "Payment for goods", "value": "GOODS"},
            {"name": "Payment for services", "value": "SERVICES"},
        ],
    }


@pytest.mark.parametrize("country", ["DK", "IN", "MX", "US"])
async def test_a_vendor_is_told_what_the_query_for_its_country_tells(
    client: BillClient, country: str
) -> None:
    vendor_id = await foreign_vendor(client, country)
    answer = await client.get(f"/v3/vendors/{vendor_id}/configuration")
    by_query = await ask(client, {**QUERY, "country": country})
    assert answer.status == 200
    assert answer.body == {"internationalPayments": by_query.body}


@pytest.mark.parametrize("account_type", ["BUSINESS", "PERSON", "NONE"])
async def test_the_account_types_of_the_collection_are_taken(
    client: BillClient, account_type: str
) -> None:
    answer = await ask(client, {**QUERY, "accountType": account_type})
    assert (answer.status, answer.body) == (200, NO_RULES)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("country", "DNK"),
        ("country", "dk"),
        ("billCurrency", "EURO"),
        ("accountType", "UNDEFINED"),
        ("accountType", "business"),
    ],
)
async def test_a_wrong_parameter_is_bdc_1129(client: BillClient, name: str, value: str) -> None:
    answer = await ask(client, {**QUERY, name: value})
    text = f"Invalid parameter value for parameter,value: {name}, {value}."
    assert (answer.status, told(answer)) == (400, [("BDC_1129", text)])


@pytest.mark.parametrize("name", list(QUERY))
async def test_all_three_parameters_are_required(client: BillClient, name: str) -> None:
    query = {key: value for key, value in QUERY.items() if key != name}
    answer = await ask(client, query)
    text = f"Required request parameter '{name}' for method parameter type String is not present"
    assert (answer.status, told(answer)) == (400, [(None, text)])
