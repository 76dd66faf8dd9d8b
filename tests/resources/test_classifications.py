"""The accounting lists over HTTP: seven kinds with the same ten operations each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.payables import (
    A_MINUTE_LATER,
    NO_DATA,
    NO_PERMISSION,
    NOW,
    ROLLED_BACK,
    told,
)


@dataclass(frozen=True)
class Kind:
    """One of the lists: what a client sends, and what stands in the answers."""

    path: str
    wrap: str
    prefix: str
    full: dict[str, Any]
    change: dict[str, Any]
    required: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"/v3/classifications/{self.path}"

    @property
    def unknown(self) -> str:
        return f"{self.prefix}02AAAAAAAAAAzzzzz"


NAMED = {"name": "Sales", "shortName": "S", "description": "Sells"}
KINDS = [
    Kind("accounting-classes", "accountingClasses", "cls", NAMED, {"name": "X"}, ("name",)),
    Kind(
        "chart-of-accounts",
        "chartOfAccounts",
        "0ca",
        {
            "name": "Prepaid Expenses",
            "description": "For the next quarter",
            "account": {"type": "EXPENSE", "number": "1-020"},
        },
        {"account": {"type": "OTHER_EXPENSE", "number": "1-021"}},
        ("name",),
    ),
    Kind("departments", "departments", "0de", NAMED, {"shortName": "X"}, ("name",)),
    Kind(
        "employees",
        "employees",
        "emp",
        {"firstName": "James", "lastName": "Milner", "shortName": "JM"},
        {"lastName": "Tarkowski"},
        (),
    ),
    Kind(
        "items",
        "items",
        "0ii",
        {
            "type": "OTHER_CHARGE",
            "name": "Delivery",
            "shortName": "D",
            "description": "By van",
            "price": 12.5,
            "expenseChartOfAccountId": "0ca1",
            "purchaseDescription": "Van",
            "purchaseCost": 10.25,
            "chartOfAccountId": "0ca2",
            "taxable": True,
            "percentage": 3.25,
        },
        {"price": 13.0, "taxable": False, "percentage": 1207.22},
        ("type", "name"),
    ),
    Kind("jobs", "jobs", "job", NAMED, {"description": "X"}, ("name",)),
    Kind("locations", "locations", "loc", NAMED, {"name": "X", "shortName": "Y"}, ("name",)),
]
of_every_kind = pytest.mark.parametrize("kind", KINDS, ids=[kind.path for kind in KINDS])


async def new(client: BillClient, kind: Kind, **more: Any) -> dict[str, Any]:
    answer = await client.post(kind.url, {**kind.full, **more})
    assert answer.status == 201, answer.body
    return dict(answer.body)


def smallest(kind: Kind, text: str) -> dict[str, Any]:
    """The body with the required members alone, or an employee of a name."""
    if not kind.required:
        return {"firstName": text, "lastName": text}
    return {name: "SERVICE" if name == "type" else text for name in kind.required}


@of_every_kind
async def test_create_and_get(client: BillClient, kind: Kind) -> None:
    record = await new(client, kind)
    assert record["id"].startswith(f"{kind.prefix}02")
    assert record == {
        **kind.full,
        "id": record["id"],
        "archived": False,
        "createdTime": NOW,
        "updatedTime": NOW,
    }
    read = await client.get(f"{kind.url}/{record['id']}")
    assert (read.status, read.body) == (200, record)


@of_every_kind
async def test_members_without_a_value_are_left_out(client: BillClient, kind: Kind) -> None:
    body = smallest(kind, "A")
    answer = await client.post(kind.url, {**body, "parentId": None, "unknown": 1})
    assert answer.status == 201
    times = {"createdTime": NOW, "updatedTime": NOW}
    assert answer.body == {**body, **times, "id": answer.body["id"], "archived": False}


@of_every_kind
async def test_what_a_kind_requires(client: BillClient, kind: Kind) -> None:
    messages = [
        f"{name}: must not be {'null' if name == 'type' else 'blank'}" for name in kind.required
    ]
    for path, body, prefix in ((kind.url, {}, ""), (f"{kind.url}/bulk", [{}], "[0].")):
        answer = await client.post(path, body)
        if kind.required:
            expected = [(None, f"{prefix}{message}") for message in messages]
            assert (answer.status, told(answer)) == (400, expected)
        else:
            assert answer.status == 201


@of_every_kind
async def test_patch_changes_what_it_names_and_keeps_the_rest(
    client: BillClient, kind: Kind
) -> None:
    record = await new(client, kind)
    await client.advance(seconds=60, sign_in=False)
    ignored = {"id": "x", "archived": True, "createdTime": "x"}
    answer = await client.patch(f"{kind.url}/{record['id']}", {**kind.change, **ignored})
    assert answer.status == 200
    assert answer.body == {**record, **kind.change, "updatedTime": A_MINUTE_LATER}


@of_every_kind
async def test_archive_and_restore_move_the_time_once(client: BillClient, kind: Kind) -> None:
    record = await new(client, kind)
    path = f"{kind.url}/{record['id']}"
    await client.advance(seconds=60, sign_in=False)
    archived = {**record, "archived": True, "updatedTime": A_MINUTE_LATER}
    answer = await client.post(f"{path}/archive")
    assert (answer.status, answer.body) == (200, archived)
    await client.advance(seconds=60, sign_in=False)
    assert (await client.post(f"{path}/archive")).body == archived
    restored = await client.post(f"{path}/restore")
    expected = {**record, "updatedTime": "2026-06-03T16:02:00.000+00:00"}
    assert (restored.status, restored.body) == (200, expected)
    assert (await client.post(f"{path}/restore")).body == expected


@of_every_kind
async def test_the_list_is_filtered_and_sorted(client: BillClient, kind: Kind) -> None:
    made = []
    for text in ("B", "Aa", "C", "Ab"):
        made.append((await client.post(kind.url, smallest(kind, text))).body["id"])
        await client.advance(seconds=600, sign_in=False)
    first, second, third, fourth = made
    await client.post(f"{kind.url}/{third}/archive")
    name = kind.required[-1] if kind.required else "firstName"
    for query, expected in (
        ("", made),
        ("max=2", made[:2]),
        (f"sort={name}", [second, fourth, first, third]),
        ("sort=createdTime:desc", made[::-1]),
        ("sort=updatedTime", [first, second, fourth, third]),
        ("sort=archived:desc,createdTime:desc", [third, fourth, second, first]),
        (f"filters=id:eq:{first}", [first]),
        (f"filters=id:ne:{first}", made[1:]),
        (f'filters=id:in:"{first},{third}"', [first, third]),
        ("filters=archived:eq:true", [third]),
        (f"filters={name}:eq:Aa", [second]),
        (f'filters={name}:sw:"A"', [second, fourth]),
        ('filters=createdTime:gt:"2026-06-03T16:10:00.000Z"', [third, fourth]),
        ('filters=updatedTime:lte:"2026-06-03T16:10:00.000Z"', [first, second]),
    ):
        answer = await client.get(f"{kind.url}?{query}")
        assert answer.status == 200, (query, answer.body)
        assert [row["id"] for row in answer.body["results"]] == expected, query


@of_every_kind
async def test_a_list_is_filtered_by_members_that_its_records_have(
    client: BillClient, kind: Kind
) -> None:
    record = await new(client, kind)
    for field in ("shortName", "name", "firstName", "percentage"):
        answer = await client.get(f"{kind.url}?filters={field}:eq:{record.get(field)}")
        if field in kind.full and field != "percentage":
            assert (answer.status, answer.body["results"]) == (200, [record])
        else:
            text = f"Invalid list filter field: {field}."
            assert (answer.status, told(answer)) == (400, [("BDC_1130", text)])


@of_every_kind
async def test_bulk_creates_changes_archives_and_restores(client: BillClient, kind: Kind) -> None:
    created = await client.post(f"{kind.url}/bulk", [kind.full, kind.full])
    assert (created.status, list(created.body)) == (201, [kind.wrap])
    records = created.body[kind.wrap]
    assert (await client.get(kind.url)).body == {"results": records}
    await client.advance(seconds=60, sign_in=False)

    changes = [{"id": one["id"], **kind.change} for one in reversed(records)]
    changed = await client.patch(f"{kind.url}/bulk", changes)
    later = [{**one, **kind.change, "updatedTime": A_MINUTE_LATER} for one in records]
    assert (changed.status, changed.body) == (200, {kind.wrap: later[::-1]})

    first, second = (one["id"] for one in records)
    for query in (f"ids={first},{second}", f"ids={first}&ids={second}"):
        archived = await client.post(f"{kind.url}/bulk/archive?{query}")
        expected = {kind.wrap: [{**one, "archived": True} for one in later]}
        assert (archived.status, archived.body) == (200, expected)
    restored = await client.post(f"{kind.url}/bulk/restore?ids={second}")
    assert (restored.status, restored.body) == (200, {kind.wrap: later[1:]})


@of_every_kind
async def test_bulk_is_all_or_nothing(client: BillClient, kind: Kind) -> None:
    record = await new(client, kind)
    unknown = kind.unknown
    for answer in (
        await client.post(f"{kind.url}/bulk", [kind.full, {**kind.full, "parentId": unknown}]),
        await client.patch(
            f"{kind.url}/bulk", [{"id": record["id"], **kind.change}, {"id": unknown}]
        ),
        await client.post(f"{kind.url}/bulk/archive?ids={record['id']},{unknown}"),
    ):
        assert (answer.status, told(answer)) == (404, [ROLLED_BACK, NO_DATA])
    assert (await client.get(kind.url)).body == {"results": [record]}
    await client.post(f"{kind.url}/{record['id']}/archive")
    restore = await client.post(f"{kind.url}/bulk/restore?ids={unknown},{record['id']}")
    assert (restore.status, told(restore)) == (404, [NO_DATA, ROLLED_BACK])
    assert (await client.get(f"{kind.url}/{record['id']}")).body == {**record, "archived": True}


@of_every_kind
async def test_bulk_takes_up_to_fifty(client: BillClient, kind: Kind) -> None:
    path = f"{kind.url}/bulk"
    many = await client.post(path, [smallest(kind, "A")] * 50)
    assert many.status == 201
    records = many.body[kind.wrap]
    assert len({one["id"] for one in records}) == 50
    too_many = [{"id": one["id"]} for one in (*records, records[0])]
    ids = ",".join(one["id"] for one in too_many)
    for answer in (
        await client.post(path, [smallest(kind, "A")] * 51),
        await client.post(path, []),
        await client.patch(path, too_many),
        await client.patch(path, []),
        await client.post(f"{path}/archive?ids={ids}"),
        await client.post(f"{path}/restore?ids=,"),
    ):
        assert (answer.status, told(answer)) == (400, [(None, "size must be between 1 and 50")])
    assert (await client.patch(path, too_many[:50])).status == 200


@of_every_kind
async def test_bulk_needs_ids(client: BillClient, kind: Kind) -> None:
    changes = await client.patch(f"{kind.url}/bulk", [{}, {"id": ""}])
    assert (changes.status, told(changes)) == (400, [
        (None, "[0].id: must not be blank"),
        (None, "[1].id: must not be blank"),
    ])  # fmt: skip
    for verb in ("archive", "restore"):
        answer = await client.post(f"{kind.url}/bulk/{verb}")
        text = "Required request parameter 'ids' for method parameter type String is not present"
        assert (answer.status, told(answer)) == (400, [(None, text)])


@of_every_kind
async def test_a_parent_is_a_record_of_the_same_kind(client: BillClient, kind: Kind) -> None:
    parent = await new(client, kind)
    child = await new(client, kind, parentId=parent["id"])
    assert child["parentId"] == parent["id"]
    listed = await client.get(f"{kind.url}?filters=parentId:eq:{parent['id']}")
    assert listed.body == {"results": [child]}
    other = KINDS[KINDS.index(kind) - 1]
    foreign = await new(client, other)
    for parent_id in (kind.unknown, foreign["id"]):
        for answer in (
            await client.post(kind.url, {**kind.full, "parentId": parent_id}),
            await client.patch(f"{kind.url}/{child['id']}", {"parentId": parent_id}),
        ):
            assert (answer.status, told(answer)) == (404, [NO_DATA])
    assert (await client.get(f"{kind.url}/{child['id']}")).body == child


@of_every_kind
async def test_an_unknown_record_is_404(client: BillClient, kind: Kind) -> None:
    path = f"{kind.url}/{kind.unknown}"
    for answer in (
        await client.get(path),
        await client.patch(path, kind.change),
        await client.post(f"{path}/archive"),
        await client.post(f"{path}/restore"),
    ):
        assert (answer.status, told(answer)) == (404, [NO_DATA])


@of_every_kind
@pytest.mark.parametrize("role", ["APPROVER", "AUDITOR"])
async def test_who_does_not_keep_the_books_only_reads(
    make_client: MakeClient, kind: Kind, role: str
) -> None:
    client = await make_client(role=role)
    assert (await client.get(kind.url)).body == {"results": []}
    assert (await client.get(f"{kind.url}/{kind.unknown}")).status == 404
    for answer in (
        await client.post(kind.url, kind.full),
        await client.post(f"{kind.url}/bulk", [kind.full]),
        await client.patch(f"{kind.url}/{kind.unknown}", {}),
        await client.patch(f"{kind.url}/bulk", []),
        await client.post(f"{kind.url}/{kind.unknown}/archive"),
        await client.post(f"{kind.url}/{kind.unknown}/restore"),
        await client.post(f"{kind.url}/bulk/archive?ids=x"),
        await client.post(f"{kind.url}/bulk/restore?ids=x"),
    ):
        assert (answer.status, told(answer)) == (403, [NO_PERMISSION])


async def test_patch_merges_the_account_of_a_chart_of_account(client: BillClient) -> None:
    kind = KINDS[1]
    record = await new(client, kind)
    path = f"{kind.url}/{record['id']}"
    number = await client.patch(path, {"account": {"number": "2"}})
    assert number.body["account"] == {"type": "EXPENSE", "number": "2"}
    other = await client.patch(path, {"account": {"type": "INCOME"}})
    assert other.body["account"] == {"type": "INCOME", "number": "2"}
    bare = (await client.post(kind.url, {"name": "Bare"})).body
    first = await client.patch(f"{kind.url}/{bare['id']}", {"account": {"number": "3"}})
    assert first.body["account"] == {"number": "3"}


@pytest.mark.parametrize(
    ("type_", "allowed"),
    [
        ("DISCOUNT", True), ("SALES_TAX", True), ("OTHER_CHARGE", True), ("SERVICE", False),
        ("SALES_TAX_GROUP", False), ("INVENTORY", False), ("UNSPECIFIED", False),
    ],
)  # fmt: skip
async def test_only_some_types_of_items_have_a_percentage(
    client: BillClient, type_: str, allowed: bool
) -> None:
    path = KINDS[4].url
    item = (await client.post(path, {"type": type_, "name": "A"})).body
    tax = (await client.post(path, {"type": "SALES_TAX", "name": "A", "percentage": 3})).body
    for answer, status in (
        (await client.post(path, {"type": type_, "name": "A", "percentage": 3}), 201),
        (await client.patch(f"{path}/{item['id']}", {"percentage": 3}), 200),
        (await client.patch(f"{path}/{tax['id']}", {"type": type_}), 200),
    ):
        if allowed:
            assert (answer.status, answer.body["percentage"]) == (status, 3.0)
        else:
            assert (answer.status, told(answer)) == (400, [(None, "percentage: invalid value")])


async def test_an_unknown_type_is_refused_with_the_known_ones(client: BillClient) -> None:
    answer = await client.post(KINDS[4].url, {"type": "TAX", "name": "A"})
    types = (
        "DISCOUNT, FIXED_ASSET, GROUP, INVENTORY, INVENTORY_ASSEMBLY, NON_INVENTORY, OTHER_CHARGE,"
        " PAYMENT, SALES_TAX, SALES_TAX_GROUP, SERVICE, SUBTOTAL, UNSPECIFIED"
    )
    text = (
        'JSON parse error: Cannot deserialize value of type `ItemType` from String "TAX": not one'
        f" of the values accepted for Enum class: [{types}]"
    )
    assert (answer.status, told(answer)) == (400, [(None, text)])
