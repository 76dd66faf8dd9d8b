"""The roles of an organization over HTTP."""

from __future__ import annotations

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.refusals import check_refused
from tests.resources.payables import NO_DATA, NOW

ROLES = "/v3/roles"
IN_ORDER = ["ACCOUNTANT", "ADMINISTRATOR", "APPROVER", "AUDITOR", "CLERK", "PAYER"]


async def types(client: BillClient, query: str = "") -> list[str]:
    answer = await client.get(ROLES + query)
    assert answer.status == 200, answer.body
    return [role["type"] for role in answer.body["results"]]


async def test_an_organization_has_six_roles_with_rising_ids(client: BillClient) -> None:
    roles = (await client.get(ROLES)).body["results"]
    assert [role["type"] for role in roles] == IN_ORDER
    tails = [int(role["id"][15:], 36) for role in roles]
    assert tails == list(range(tails[0], tails[0] + 6))
    for role in roles:
        assert role == {
            "id": role["id"],
            "type": role["type"],
            "description": role["type"].capitalize(),
            "createdTime": NOW,
            "updatedTime": NOW,
        }
        assert role["id"].startswith("0po02")
        assert (await client.get(f"{ROLES}/{role['id']}")).body == role


@pytest.mark.parametrize("role", IN_ORDER)
async def test_every_role_reads_roles(make_client: MakeClient, role: str) -> None:
    assert await types(await make_client(role)) == IN_ORDER


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("?filters=type:eq:CLERK", ["CLERK"]),
        ('?filters=type:in:"PAYER,CLERK"', ["CLERK", "PAYER"]),
        ("?filters=type:ne:CLERK&max=4", ["ACCOUNTANT", "ADMINISTRATOR", "APPROVER", "AUDITOR"]),
        ("?sort=description:desc", IN_ORDER[::-1]),
        ("?sort=createdTime:desc", IN_ORDER[::-1]),
        ("?max=2", IN_ORDER[:2]),
    ],
)
async def test_roles_can_be_filtered_and_sorted(
    client: BillClient, query: str, wanted: list[str]
) -> None:
    assert await types(client, query) == wanted


async def test_roles_are_read_only(client: BillClient) -> None:
    role = (await client.get(ROLES)).body["results"][0]["id"]
    for method, path in (("POST", ROLES), ("PATCH", f"{ROLES}/{role}")):
        answer = await client.call(method, f"/connect{path}", {})
        assert (answer.status, answer.headers["Allow"]) == (405, "GET")


async def test_unknown_roles_are_404(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    foreign = (await there.get(ROLES)).body["results"][0]["id"]
    for unknown in (foreign, "0po02AAAAAAAAAAzzzzz", "nonsense"):
        check_refused(await here.get(f"{ROLES}/{unknown}"), 404, NO_DATA)
