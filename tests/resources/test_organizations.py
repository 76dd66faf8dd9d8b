"""The signed-in user's organization over HTTP: details, changes, industries, price plan."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.refusals import check_faults, check_refused
from tests.resources.partnership import as_partner, new_organization
from tests.resources.payables import A_MINUTE_LATER, NO_DATA, NO_PERMISSION, NOW

ORGANIZATIONS = "/v3/organizations"
OTHERS = ["ACCOUNTANT", "APPROVER", "PAYER", "CLERK", "AUDITOR"]
FOUNDED = {
    "archived": False,
    "name": "Cedar & Finch Trading",
    "address": {
        "line1": "12 Foundry Lane",
        "city": "Portland",
        "stateOrProvince": "OR",
        "zipOrPostalCode": "97209",
        "country": "US",
        "countryName": "United States",
    },
    "phone": "5035550100",
    "accountType": "BUSINESS",
    "createdTime": NOW,
    "updatedTime": NOW,
}


def own(client: BillClient) -> str:
    return f"{ORGANIZATIONS}/{client.world['organizationId']}"


async def test_an_administrator_reads_the_organization(client: BillClient) -> None:
    answer = await client.get(own(client))
    assert answer.status == 200
    assert answer.body == {**FOUNDED, "id": client.world["organizationId"]}


async def test_a_patch_changes_what_it_names_member_by_member(client: BillClient) -> None:
    before = (await client.get(own(client))).body
    await client.advance(sign_in=False, seconds=60)
    change = {
        "name": "Cedar, Finch & Co",
        "address": {"zipOrPostalCode": "97210", "line2": "Floor 2"},
        "mailingAddress": {"line1": "PO Box 7", "country": "CA"},
        "companyOwner": {"name": "Ada Hartley", "dateOfBirth": "1985-01-01"},
        "taxId": "999888777",
        "taxIdType": "EIN",
        "industry": "Restaurant Caterer or Bar",
        "businessCategory": "LLC",
        "processingOptions": {"mailingAddressSameAsPhysical": "true"},
    }
    answer = await client.patch(own(client), change)
    assert answer.status == 200
    assert answer.body == {
        **before,
        **change,
        "address": {**before["address"], "zipOrPostalCode": "97210", "line2": "Floor 2"},
        "mailingAddress": {"line1": "PO Box 7", "country": "CA", "countryName": "Canada"},
        "taxId": "*****8777",
        "processingOptions": {"mailingAddressSameAsPhysical": True},
        "updatedTime": A_MINUTE_LATER,
    }
    assert (await client.get(own(client))).body == answer.body
    more = {
        "companyOwner": {"name": "Noah Castillo"},
        "processingOptions": {"individualTransferOut": False},
        "phone": None,
        "partnerName": "nobody",
    }
    after = (await client.patch(own(client), more)).body
    assert after == {
        **answer.body,
        "companyOwner": {"name": "Noah Castillo", "dateOfBirth": "1985-01-01"},
        "processingOptions": {
            "mailingAddressSameAsPhysical": True,
            "individualTransferOut": False,
        },
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": " "}, "name: must not be blank"),
        ({"name": "x" * 101}, "name: size must be between 0 and 100"),
        ({"industry": "Piracy"}, "industry: invalid value"),
        ({"industry": "x" * 501}, "industry: size must be between 0 and 500"),
        ({"address": {"country": "XX"}}, "address.country: invalid value"),
        ({"address": {"city": ""}}, "address.city: must not be blank"),
        (
            {"companyOwner": {"dateOfBirth": "1.1.1985"}},
            "JSON parse error: Cannot deserialize value of type `java.time.LocalDate` from String"
            ' "1.1.1985": not a valid date (yyyy-MM-dd)',
        ),
        (
            {"accountType": "PERSON"},
            "JSON parse error: Cannot deserialize value of type `OrganizationType` from String"
            ' "PERSON": not one of the values accepted for Enum class:'
            " [BUSINESS, EMPLOYEE_OR_INDIVIDUAL, UNDEFINED]",
        ),
    ],
)
async def test_a_faulty_change_is_told_what_is_wrong(
    client: BillClient, change: dict[str, Any], message: str
) -> None:
    check_faults(await client.patch(own(client), change), message)
    assert (await client.get(own(client))).body["updatedTime"] == NOW


@pytest.mark.parametrize("role", OTHERS)
async def test_others_read_industries_alone(make_client: MakeClient, role: str) -> None:
    client = await make_client(role)
    check_refused(await client.get(own(client)), 403, NO_PERMISSION)
    check_refused(await client.patch(own(client), {"name": "Mine"}), 403, NO_PERMISSION)
    check_refused(await client.get(f"{own(client)}/price-plan"), 403, NO_PERMISSION)
    assert (await client.get(f"{ORGANIZATIONS}/industries")).status == 200


async def test_an_industry_can_be_set_to_any_of_the_list(client: BillClient) -> None:
    industries = (await client.get(f"{ORGANIZATIONS}/industries")).body["results"]
    assert "Restaurant Caterer or Bar" in industries
    assert len(set(industries)) == len(industries)
    for industry in industries:
        answer = await client.patch(own(client), {"industry": industry})
        assert answer.body["industry"] == industry


async def test_other_organizations_are_404(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    neighbour = (await new_organization(await as_partner(here)))["id"]
    for unknown in (neighbour, there.world["organizationId"], "nonsense"):
        path = f"{ORGANIZATIONS}/{unknown}"
        check_refused(await here.get(path), 404, NO_DATA)
        check_refused(await here.patch(path, {"name": "Mine"}), 404, NO_DATA)
        check_refused(await here.get(f"{path}/price-plan"), 404, NO_DATA)


async def test_the_price_plan_tells_its_terms(client: BillClient) -> None:
    answer = await client.get(f"{own(client)}/price-plan")
    assert answer.status == 200
    plan = answer.body
    assert (plan["name"], plan["allowTrial"], plan["priceVariesPerUser"]) == (
        "PricePlan1",
        True,
        True,
    )
    assert isinstance(plan["monthlyPrice"], float)
    first, further = plan["planTerms"]
    assert (first["tier"], first["quantity"], first["price"]) == (1, 5, 10.0)
    assert "tier" not in further
