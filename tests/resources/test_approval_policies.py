"""Approval policies over HTTP: create, list, replace, delete, and whom they may name."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.refusals import check_faults, check_refused
from tests.resources.approvals import (
    FROM_1000,
    POLICIES,
    new_policy,
    policy_body,
    signed_in,
    user_id,
)
from tests.resources.payables import NO_DATA, NO_PERMISSION, UNKNOWN_VENDOR

KEYS = [
    "BILL_AMOUNT",
    "VENDOR_ID",
    "CHART_OF_ACCOUNT_ID",
    "LOCATION_ID",
    "JOB_ID",
    "DEPARTMENT_ID",
    "ACCOUNTING_CLASS_ID",
    "ITEM_ID",
    "CUSTOMER_ID",
    "EMPLOYEE_ID",
]
OPS = ["gte", "gt", "lte", "lt", "eq", "ne", "in", "nin"]
CLASSIFICATIONS = "/v3/classifications"


async def listed(client: BillClient) -> list[dict[str, Any]]:
    answer = await client.get(POLICIES)
    assert answer.status == 200
    return list(answer.body)


async def post_rule(client: BillClient, **rule: Any) -> Any:
    body = policy_body(client, rules=[{**FROM_1000, **rule}])
    return await client.post(POLICIES, body)


async def test_a_policy_answers_201_with_names_for_values_and_people(client: BillClient) -> None:
    vendor = await client.new_vendor(name="Drums & Co")
    by_vendor = {"key": "VENDOR_ID", "op": "in", "values": [vendor["id"]]}
    body = policy_body(client, "APPROVER", "ADMINISTRATOR", rules=[FROM_1000, by_vendor])
    answer = await client.post(POLICIES, body)
    assert answer.status == 201
    policy = dict(answer.body)
    organization_id = client.world["organizationId"]
    assert re.fullmatch(rf"{organization_id}-[a-z0-9]{{12}}", policy.pop("id"))
    assert policy == {
        "policyName": "Approval policy for bills >= $1000",
        "status": "ACTIVE",
        "rules": [
            {
                "key": "BILL_AMOUNT",
                "op": "gte",
                "values": [{"value": "1000", "displayName": "1000"}],
            },
            {
                "key": "VENDOR_ID",
                "op": "in",
                "values": [{"value": vendor["id"], "displayName": "Drums & Co"}],
            },
        ],
        "approvers": {
            "users": [
                {"userId": user_id(client, "APPROVER"), "fullName": "Priya Raman"},
                {"userId": user_id(client, "ADMINISTRATOR"), "fullName": "Ada Hartley"},
            ],
            "groups": [],
        },
    }


async def test_the_list_is_a_bare_array_without_pages(client: BillClient) -> None:
    assert await listed(client) == []
    made = [await new_policy(client, policyName=f"Policy {number}") for number in range(25)]
    assert await listed(client) == made
    answer = await client.get(f"{POLICIES}?max=2&page=nonsense&filters=nonsense&sort=nonsense")
    assert answer.body == made


@pytest.mark.parametrize("role", ["ACCOUNTANT", "APPROVER", "PAYER", "CLERK", "AUDITOR"])
async def test_everybody_reads_policies_and_only_administrators_write_them(
    client: BillClient, role: str
) -> None:
    policy = await new_policy(client)
    other = await signed_in(client, role)
    assert await listed(other) == [policy]
    body = policy_body(client)
    path = f"{POLICIES}/{policy['id']}"
    check_refused(await other.post(POLICIES, body), 403, NO_PERMISSION)
    check_refused(await other.put(path, body), 403, NO_PERMISSION)
    check_refused(await other.delete(path), 403, NO_PERMISSION)
    assert await listed(client) == [policy]


async def test_put_replaces_a_policy_in_its_place(client: BillClient) -> None:
    first, second = await new_policy(client), await new_policy(client)
    less_than = {"key": "BILL_AMOUNT", "op": "lt", "values": ["10.50"]}
    body = policy_body(client, "ACCOUNTANT", policyName="Small bills", rules=[less_than])
    answer = await client.put(f"{POLICIES}/{first['id']}", body)
    assert answer.status == 200
    assert answer.body == {
        "id": first["id"],
        "policyName": "Small bills",
        "status": "ACTIVE",
        "rules": [
            {
                "key": "BILL_AMOUNT",
                "op": "lt",
                "values": [{"value": "10.50", "displayName": "10.50"}],
            }
        ],
        "approvers": {
            "users": [{"userId": user_id(client, "ACCOUNTANT"), "fullName": "Noah Castillo"}],
            "groups": [],
        },
    }
    assert await listed(client) == [answer.body, second]


async def test_a_deleted_policy_is_gone_for_good(client: BillClient) -> None:
    policy, kept = await new_policy(client), await new_policy(client)
    path = f"{POLICIES}/{policy['id']}"
    answer = await client.delete(path)
    assert (answer.status, answer.body) == (200, {"status": "SUCCESS"})
    assert await listed(client) == [kept]
    check_refused(await client.delete(path), 404, NO_DATA)
    check_refused(await client.put(path, policy_body(client)), 404, NO_DATA)
    assert (await client.post(f"{path}/restore")).status == 404


async def test_one_policy_cannot_be_read_by_itself(client: BillClient) -> None:
    answer = await client.get(f"{POLICIES}/{(await new_policy(client))['id']}")
    assert (answer.status, answer.headers["Allow"]) == (405, "DELETE, PUT")


async def test_a_policy_belongs_to_its_world(make_client: MakeClient) -> None:
    here, there = await make_client(seed=7), await make_client(seed=7)
    policy = await new_policy(here)
    path = f"{POLICIES}/{policy['id']}"
    check_refused(await there.put(path, policy_body(there)), 404, NO_DATA)
    check_refused(await there.delete(path), 404, NO_DATA)
    assert await listed(there) == []


MISSING = (
    "policyName: must not be blank",
    "rules: must not be null",
    "approvers: must not be null",
)


async def test_name_rules_and_approvers_are_required(client: BillClient) -> None:
    check_faults(await client.post(POLICIES, {}), *MISSING)
    policy = await new_policy(client)
    check_faults(await client.put(f"{POLICIES}/{policy['id']}", {}), *MISSING)
    assert await listed(client) == [policy]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"policyName": " "}, "policyName: must not be blank"),
        ({"policyName": "x" * 256}, "policyName: size must be between 0 and 255"),
        ({"rules": []}, "rules: must not be empty"),
        ({"approvers": []}, "approvers: must not be empty"),
        ({"approvers": [" "]}, "approvers[0]: must not be blank"),
        ({"rules": [{}]}, "rules[0].key: must not be null"),
        ({"rules": [{**FROM_1000, "values": []}]}, "rules[0].values: must not be empty"),
        ({"rules": [{**FROM_1000, "values": [""]}]}, "rules[0].values[0]: must not be blank"),
    ],
)
async def test_a_faulty_policy_is_told_what_is_wrong(
    client: BillClient, wrong: dict[str, Any], message: str
) -> None:
    answer = await client.post(POLICIES, policy_body(client, **wrong))
    assert answer.status == 400
    assert answer.body[0]["message"] == message
    assert await listed(client) == []


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("key", KEYS)
async def test_amounts_take_an_order_and_ids_take_lists(
    client: BillClient, key: str, op: str
) -> None:
    value = (await client.new_vendor())["id"] if key == "VENDOR_ID" else "7"
    answer = await post_rule(client, key=key, op=op, values=[value])
    lists, orders = ("in", "nin"), ("gte", "gt", "lte", "lt")
    if op in (lists if key == "BILL_AMOUNT" else orders):
        check_faults(answer, "rules[0].op: invalid value")
        assert await listed(client) == []
    else:
        assert answer.status == 201, answer.body
        assert (answer.body["rules"][0]["key"], answer.body["rules"][0]["op"]) == (key, op)


@pytest.mark.parametrize(
    ("member", "value", "java", "values"),
    [
        ("key", "BILL_COLOUR", "RuleKey", sorted(KEYS)),
        ("key", "bill_amount", "RuleKey", sorted(KEYS)),
        ("op", "GTE", "RuleOp", sorted(OPS)),
        ("op", "sw", "RuleOp", sorted(OPS)),
    ],
)
async def test_an_unknown_key_or_operator_is_400(
    client: BillClient, member: str, value: str, java: str, values: list[str]
) -> None:
    told = (
        f"JSON parse error: Cannot deserialize value of type `{java}` from String"
        f' "{value}": not one of the values accepted for Enum class: [{", ".join(values)}]'
    )
    check_faults(await post_rule(client, **{member: value}), told)


@pytest.mark.parametrize("value", ["1000", "0", "-5", "10.5", "999999999999.999999"])
async def test_an_amount_is_a_plain_number(client: BillClient, value: str) -> None:
    answer = await post_rule(client, values=["1", value])
    assert answer.status == 201
    told = [one["value"] for one in answer.body["rules"][0]["values"]]
    assert told == ["1", value]


async def test_an_amount_may_be_a_json_number(client: BillClient) -> None:
    answer = await post_rule(client, values=[1000])
    assert answer.body["rules"][0]["values"] == [{"value": "1000", "displayName": "1000"}]


@pytest.mark.parametrize(
    "value",
    ["a lot", "1,000", "$5", "1_000", " 5", "5.", "1e3", "NaN", "Infinity", "\u0665", "1" * 13],
)
async def test_any_other_amount_is_400(client: BillClient, value: str) -> None:
    answer = await post_rule(client, values=["1000", value])
    check_faults(answer, "rules[0].values[1]: invalid value")
    assert await listed(client) == []


async def test_the_vendor_of_a_rule_must_be_known(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    foreign = (await there.new_vendor())["id"]
    known = (await here.new_vendor())["id"]
    for unknown in (UNKNOWN_VENDOR, foreign):
        answer = await post_rule(here, key="VENDOR_ID", op="in", values=[known, unknown])
        check_refused(answer, 404, NO_DATA)
    assert await listed(here) == []


@pytest.mark.parametrize(
    ("key", "path", "body", "name"),
    [
        ("CHART_OF_ACCOUNT_ID", "chart-of-accounts", {"name": "Rent"}, "Rent"),
        ("LOCATION_ID", "locations", {"name": "Boise"}, "Boise"),
        ("JOB_ID", "jobs", {"name": "Roof"}, "Roof"),
        ("DEPARTMENT_ID", "departments", {"name": "Sales"}, "Sales"),
        ("ACCOUNTING_CLASS_ID", "accounting-classes", {"name": "East"}, "East"),
        ("ITEM_ID", "items", {"name": "Drum", "type": "SERVICE"}, "Drum"),
        ("EMPLOYEE_ID", "employees", {"firstName": "Lou", "lastName": "Reed"}, "Lou Reed"),
        ("EMPLOYEE_ID", "employees", {"lastName": "Reed"}, "Reed"),
    ],
)
async def test_a_rule_shows_the_names_of_accounting_records(
    client: BillClient, key: str, path: str, body: dict[str, str], name: str
) -> None:
    record = (await client.post(f"{CLASSIFICATIONS}/{path}", body)).body["id"]
    answer = await post_rule(client, key=key, op="in", values=[record, "unknown"])
    assert answer.body["rules"][0]["values"] == [
        {"value": record, "displayName": name},
        {"value": "unknown", "displayName": "unknown"},
    ]


async def test_names_are_shown_as_they_are_now(client: BillClient) -> None:
    vendor = await client.new_vendor(name="Old Name")
    by_vendor = {"key": "VENDOR_ID", "op": "eq", "values": [vendor["id"]]}
    await new_policy(client, "APPROVER", rules=[by_vendor])
    await listed(client)
    await client.patch(f"/v3/vendors/{vendor['id']}", {"name": "New Name"})
    await client.patch(f"/v3/users/{user_id(client, 'APPROVER')}", {"lastName": "Patel"})
    (policy,) = await listed(client)
    assert policy["rules"][0]["values"][0]["displayName"] == "New Name"
    assert policy["approvers"]["users"][0]["fullName"] == "Priya Patel"


@pytest.mark.parametrize("role", ["ADMINISTRATOR", "ACCOUNTANT", "APPROVER"])
async def test_administrators_accountants_and_approvers_may_approve(
    client: BillClient, role: str
) -> None:
    policy = await new_policy(client, role)
    assert [one["userId"] for one in policy["approvers"]["users"]] == [user_id(client, role)]


@pytest.mark.parametrize("role", ["PAYER", "CLERK", "AUDITOR"])
async def test_nobody_else_may_be_an_approver(client: BillClient, role: str) -> None:
    wrong = user_id(client, role)
    answer = await client.post(POLICIES, policy_body(client, "APPROVER", role))
    check_refused(answer, 422, (None, f"User {wrong} cannot be an approver."))
    assert await listed(client) == []


async def test_an_archived_user_may_not_be_an_approver(client: BillClient) -> None:
    approver = user_id(client, "APPROVER")
    await client.post(f"/v3/users/{approver}/archive")
    answer = await client.post(POLICIES, policy_body(client, "APPROVER"))
    check_refused(answer, 422, (None, f"User {approver} cannot be an approver."))
    await client.post(f"/v3/users/{approver}/restore")
    await new_policy(client, "APPROVER")


async def test_approvers_stand_in_the_order_given_and_once(client: BillClient) -> None:
    roles = ("ACCOUNTANT", "APPROVER", "ACCOUNTANT", "ADMINISTRATOR", "APPROVER")
    policy = await new_policy(client, *roles)
    assert [one["userId"] for one in policy["approvers"]["users"]] == [
        user_id(client, role) for role in ("ACCOUNTANT", "APPROVER", "ADMINISTRATOR")
    ]


@pytest.mark.parametrize("approver", ["agp02AAAAAAAAAAzzzzz", "00602AAAAAAAAAAzzzzz", "nonsense"])
async def test_an_unknown_group_or_user_is_404(client: BillClient, approver: str) -> None:
    body = policy_body(client, approvers=[user_id(client, "APPROVER"), approver])
    check_refused(await client.post(POLICIES, body), 404, NO_DATA)
    assert await listed(client) == []


async def test_the_user_of_another_world_is_404(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    body = policy_body(here, approvers=[user_id(there, "APPROVER")])
    check_refused(await here.post(POLICIES, body), 404, NO_DATA)
