"""Payment terms of an organization over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.payables import A_MINUTE_LATER, NO_DATA, NO_PERMISSION, NOW, told

UNKNOWN_TERM = "00p02AAAAAAAAAAzzzzz"


def terms_of(client: BillClient) -> str:
    return f"/v3/organizations/{client.world['organizationId']}/payment-terms"


async def new_term(client: BillClient, name: str = "Net 60", days: int = 60) -> dict[str, Any]:
    answer = await client.post(terms_of(client), {"name": name, "daysDue": days})
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def test_a_new_term_has_the_shape_of_bills_sample(client: BillClient) -> None:
    term = await new_term(client)
    assert term["id"].startswith("00p02")
    assert term == {
        "id": term["id"],
        "name": "Net 60",
        "daysDue": 60,
        "createdTime": NOW,
        "updatedTime": NOW,
    }
    assert isinstance(term["daysDue"], int)
    read = await client.get(f"{terms_of(client)}/{term['id']}")
    assert (read.status, read.body) == (200, term)


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ({}, ["name: must not be blank", "daysDue: must not be null"]),
        ({"name": " ", "daysDue": 1}, ["name: must not be blank"]),
        ({"name": "A", "daysDue": -1}, ["daysDue: must be greater than or equal to 0"]),
        ({"name": "A", "daysDue": 1000}, ["daysDue: must be less than or equal to 999"]),
    ],
)
async def test_a_term_needs_a_name_and_0_to_999_days(
    client: BillClient, body: dict[str, Any], messages: list[str]
) -> None:
    answer = await client.post(terms_of(client), body)
    assert (answer.status, told(answer)) == (400, [(None, message) for message in messages])
    term = await new_term(client)
    changed = await client.patch(f"{terms_of(client)}/{term['id']}", {"name": "", "daysDue": 1000})
    assert (changed.status, told(changed)) == (400, [
        (None, "name: must not be blank"),
        (None, "daysDue: must be less than or equal to 999"),
    ])  # fmt: skip


@pytest.mark.parametrize("days", [0, 999])
async def test_the_bounds_of_the_days_are_allowed(client: BillClient, days: int) -> None:
    assert (await new_term(client, "Edge", days))["daysDue"] == days


async def test_two_terms_cannot_have_the_same_days(client: BillClient) -> None:
    first, second = await new_term(client), await new_term(client, "Net 30", 30)
    text = "A payment term with daysDue 60 already exists."
    path = f"{terms_of(client)}/{second['id']}"
    for answer in (
        await client.post(terms_of(client), {"name": "Other", "daysDue": 60}),
        await client.patch(path, {"daysDue": 60}),
    ):
        assert (answer.status, told(answer)) == (422, [(None, text)])
    assert (await client.get(terms_of(client))).body == {"results": [first, second]}
    # One name may stand twice.
    await new_term(client, "Net 60", 61)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": "Two months"}, {"name": "Two months"}),
        ({"daysDue": 61}, {"daysDue": 61}),
        ({"name": "Same", "daysDue": 60}, {"name": "Same"}),
        ({"id": "x", "name": None}, {}),
    ],
)
async def test_patch_changes_what_it_names(
    client: BillClient, change: dict[str, Any], expected: dict[str, Any]
) -> None:
    term = await new_term(client)
    await client.advance(seconds=60, sign_in=False)
    answer = await client.patch(f"{terms_of(client)}/{term['id']}", change)
    assert answer.status == 200
    assert answer.body == {**term, **expected, "updatedTime": A_MINUTE_LATER}


async def test_unknown_terms_and_organizations_are_404(client: BillClient) -> None:
    term = await new_term(client)
    foreign = "/v3/organizations/00802AAAAAAAAAAzzzzz/payment-terms"
    for answer in (
        await client.get(f"{terms_of(client)}/{UNKNOWN_TERM}"),
        # Known or not comes before what is wrong with the change.
        await client.patch(f"{terms_of(client)}/{UNKNOWN_TERM}", {"daysDue": 60}),
        await client.get(foreign),
        await client.post(foreign, {"name": "A", "daysDue": 1}),
        await client.get(f"{foreign}/{term['id']}"),
        await client.patch(f"{foreign}/{term['id']}", {"daysDue": 1}),
    ):
        assert (answer.status, told(answer)) == (404, [NO_DATA])


async def test_a_term_is_neither_archived_nor_deleted(client: BillClient) -> None:
    term = await new_term(client)
    path = f"{terms_of(client)}/{term['id']}"
    assert (await client.delete(path)).status == 405
    assert (await client.post(f"{path}/archive")).status == 404


async def test_the_list_shows_all_terms(client: BillClient) -> None:
    first = await new_term(client, "B")
    await client.advance(seconds=60, sign_in=False)
    second = await new_term(client, "A", 30)
    for query, expected in (
        ("", [first, second]),
        ("sort=name", [second, first]),
        ("sort=createdTime:desc", [second, first]),
        ("sort=updatedTime", [first, second]),
        (f"filters=id:eq:{second['id']}", [second]),
        (f"filters=id:ne:{second['id']}", [first]),
        ("filters=name:eq:B", [first]),
        ('filters=name:sw:"A"', [second]),
        ("max=1", [first]),
    ):
        answer = await client.get(f"{terms_of(client)}?{query}")
        assert (answer.status, answer.body["results"]) == (200, expected), query


@pytest.mark.parametrize("role", ["APPROVER", "PAYER", "CLERK", "AUDITOR"])
async def test_who_does_not_keep_the_books_reads_terms_only(
    make_client: MakeClient, role: str
) -> None:
    client = await make_client(role=role)
    assert (await client.get(terms_of(client))).body == {"results": []}
    for answer in (
        await client.post(terms_of(client), {"name": "A", "daysDue": 1}),
        await client.patch(f"{terms_of(client)}/{UNKNOWN_TERM}", {}),
    ):
        assert (answer.status, told(answer)) == (403, [NO_PERMISSION])
