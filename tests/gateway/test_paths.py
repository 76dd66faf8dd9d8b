"""Paths, methods and ids over HTTP, and operations that are not built."""

from __future__ import annotations

import json
from typing import Any

import pytest
from yarl import URL

from tests.conftest import MakeClient
from tests.http import Answer, BillClient
from tests.refusals import check_refused, holdings

UNKNOWN = ("BDC_1205", "No data found for object with given ID.")
NOT_SUPPORTED = ("BDC_1121", "API not supported.")


async def request(client: BillClient, method: str, path: str, body: Any = None) -> Answer:
    """A call whose path goes over the wire as it is written here."""
    url = URL(f"{client.origin}/connect{path}", encoded=True)
    async with client.http.request(method, url, json=body, headers=client.headers) as response:
        content = await response.read()
        decoded = json.loads(content) if content else None
        return Answer(response.status, decoded, response.headers, content)


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize(
    "path",
    [
        "/v3/nonsense",
        "/v3/Vendors",
        "/V3/vendors",
        "/v3/vendors/",
        "/v3//vendors",
        "/v3/vendors/00901X/nonsense",
        "/v3/vendors/00901X/Archive",
        "/v3/vendors/00901X/",
        "/v3/vendors/../bills",
        "/v3/vendors%2F00901X",
        "/v3/vendors%3Fmax=1",
        "/v3/vendors;a=b",
        "/v2/Login.json",
        "/v3",
        "/",
        "",
        "/v3/vendors/a/b%0Ac",
        "/%0A",
        "/" + "v" * 5000,
        "/" + "v/" * 2500,
    ],
    ids=lambda value: str(value)[:40],
)
async def test_an_unknown_path_is_404_bdc_1121(
    client: BillClient, path: str, signed_in: bool
) -> None:
    if not signed_in:
        client.headers = {}
    for method in ("GET", "POST", "DELETE"):
        check_refused(await request(client, method, path), 404, NOT_SUPPORTED)


@pytest.mark.parametrize("path", ["/", "/connect", "/connectv3/vendors", "/Connect/v3/vendors"])
async def test_what_lies_outside_of_bills_paths_is_404_bdc_1121(
    client: BillClient, path: str
) -> None:
    check_refused(await client.call("GET", path), 404, NOT_SUPPORTED)


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v3/vendors", "GET, POST"),
        ("PUT", "/v3/vendors", "GET, POST"),
        ("OPTIONS", "/v3/vendors", "GET, POST"),
        ("POST", "/v3/vendors/00901X", "GET, PATCH"),
        ("GET", "/v3/vendors/00901X/archive", "POST"),
        ("GET", "/v3/login", "POST"),
        ("GET", "/v3/logout", "POST"),
        ("DELETE", "/v3/login/session", "GET"),
    ],
)
async def test_a_wrong_method_is_405_and_tells_the_right_ones(
    client: BillClient, method: str, path: str, allowed: str, signed_in: bool
) -> None:
    if not signed_in:
        client.headers = {}
    answer = await request(client, method, path)
    check_refused(answer, 405, (None, f"Request method '{method}' is not supported"))
    assert answer.headers["Allow"] == allowed


NO_IDS = [
    "nonsense",
    "00902NOSUCHVENDO1abcd",
    "a%2Fb",
    "..",
    "%2E%2E",
    "%2e%2e%2fvendors",
    ".",
    "%252F",
    "%00",
    "%0A",
    "a%0Db",
    "%20",
    "%FF",
    "%ED%A0%80",
    "%C3%A9",
    "%zz",
    "%",
    "null",
    "0",
    "-1",
    "{vendorId}",
    "*",
    "'%20OR%20'1'='1",
    "x" * 6000,
    "%41" * 2000,
]


@pytest.mark.parametrize("row_id", NO_IDS, ids=lambda value: value[:20])
@pytest.mark.parametrize("kind", ["vendors", "bills", "payments", "funding-accounts/banks"])
async def test_a_malformed_id_is_404_bdc_1205(client: BillClient, kind: str, row_id: str) -> None:
    check_refused(await request(client, "GET", f"/v3/{kind}/{row_id}"), 404, UNKNOWN)


@pytest.mark.parametrize("row_id", NO_IDS, ids=lambda value: value[:20])
async def test_a_write_to_a_malformed_id_is_404_bdc_1205(client: BillClient, row_id: str) -> None:
    made = await client.new_vendor()
    path = f"/v3/vendors/{row_id}"
    check_refused(await request(client, "PATCH", path, {"name": "Changed"}), 404, UNKNOWN)
    check_refused(await request(client, "POST", f"{path}/archive"), 404, UNKNOWN)
    assert (await client.get("/v3/vendors")).body == {"results": [made]}


async def test_ids_differ_by_letter_case(client: BillClient) -> None:
    made = await client.new_vendor()
    for other in (made["id"].upper(), made["id"].lower(), made["id"] + "%20", made["id"][:-1]):
        check_refused(await request(client, "GET", f"/v3/vendors/{other}"), 404, UNKNOWN)


async def test_a_percent_encoded_id_is_the_id(client: BillClient) -> None:
    made = await client.new_vendor()
    encoded = "".join(f"%{ord(letter):02X}" for letter in made["id"])
    assert (await request(client, "GET", f"/v3/vendors/{encoded}")).body == made


@pytest.fixture
async def ids(payer: BillClient) -> dict[str, str]:
    """Ids of each kind in the payer's world."""
    bill = await payer.new_bill((await payer.new_vendor())["id"])
    payment = await payer.pay(bill, 10.00)
    return {
        "vendors": bill["vendorId"],
        "bills": bill["id"],
        "payments": payment.body["id"],
        "funding-accounts/banks": await payer.bank_account(),
        "users": payer.world["users"][0]["userId"],
        "organizations": payer.world["organizationId"],
        "lines": bill["billLineItems"][0]["id"],
    }


@pytest.mark.parametrize("kind", ["vendors", "bills", "payments", "funding-accounts/banks"])
async def test_ids_of_other_kinds_are_404_bdc_1205(
    payer: BillClient, ids: dict[str, str], kind: str
) -> None:
    assert (await payer.get(f"/v3/{kind}/{ids[kind]}")).status == 200
    before = await holdings(payer)
    for other in set(ids) - {kind}:
        check_refused(await payer.get(f"/v3/{kind}/{ids[other]}"), 404, UNKNOWN)
        answer = await payer.post(f"/v3/{kind}/{ids[other]}/archive", {})
        assert answer.status in (404, 405), (kind, other, answer.body)
    assert await holdings(payer) == before


async def test_ids_of_other_kinds_in_a_body_are_404_bdc_1205(
    payer: BillClient, ids: dict[str, str]
) -> None:
    vendor, bill = ids["vendors"], ids["bills"]
    bank = {"type": "BANK_ACCOUNT", "id": ids["funding-accounts/banks"]}
    payment = {
        "billId": bill,
        "vendorId": vendor,
        "amount": 1,
        "fundingAccount": bank,
        "processingOptions": {},
    }
    new_bill = {
        "vendorId": vendor,
        "dueDate": "2026-12-31",
        "billLineItems": [{"amount": 1}],
        "invoice": {"invoiceNumber": "1", "invoiceDate": "2026-12-01"},
    }
    before = await holdings(payer)
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("/v3/bills", {**new_bill, "vendorId": bill}),
        ("/v3/bills", {**new_bill, "vendorId": ids["users"]}),
        ("/v3/payments", {**payment, "billId": vendor}),
        ("/v3/payments", {**payment, "billId": ids["payments"]}),
        ("/v3/payments", {**payment, "fundingAccount": {**bank, "id": vendor}}),
    ]
    for path, body in wrong:
        check_refused(await payer.post(path, body), 404, UNKNOWN)
    assert await holdings(payer) == before
    assert (await payer.post("/v3/bills", new_bill)).status == 201
    assert (await payer.post("/v3/payments", payment)).status == 201


async def test_ids_of_another_worlds_organization_are_404_bdc_1205(
    payer: BillClient, ids: dict[str, str], make_client: MakeClient
) -> None:
    stranger = await make_client(trusted=True)
    before = await holdings(payer), await holdings(stranger)
    for kind in ("vendors", "bills", "payments", "funding-accounts/banks"):
        check_refused(await stranger.get(f"/v3/{kind}/{ids[kind]}"), 404, UNKNOWN)
    vendor = f"/v3/vendors/{ids['vendors']}"
    check_refused(await stranger.patch(vendor, {"name": "Mine"}), 404, UNKNOWN)
    check_refused(await stranger.post(f"{vendor}/archive"), 404, UNKNOWN)
    check_refused(await stranger.post(f"/v3/bills/{ids['bills']}/archive"), 404, UNKNOWN)
    check_refused(await stranger.post(f"/v3/payments/{ids['payments']}/cancel"), 404, UNKNOWN)
    found = await stranger.get(f"/v3/vendors?filters=id:eq:{ids['vendors']}")
    assert found.body == {"results": []}
    assert (await holdings(payer), await holdings(stranger)) == before


@pytest.mark.parametrize("signed_in", [True, False])
async def test_an_operation_that_is_not_built_is_501_and_says_so(
    client: BillClient, signed_in: bool
) -> None:
    listed = (await client.call("GET", "/_sim/operations")).body["results"]
    gaps = [entry for entry in listed if entry["status"] == "gap"]
    assert gaps
    if not signed_in:
        client.headers = {}
    before = (await client.control("GET", "")).body
    for gap in gaps:
        answer = await client.call(gap["method"], gap["path"], raw=b"not json")
        operation = f"{gap['method']} {gap['path']}"
        check_refused(answer, 501, (None, f"{operation} is not built in this simulator."))
        assert answer.headers["X-Sim-Gap"] == operation
    assert (await client.control("GET", "")).body == before


async def test_no_other_answer_names_a_gap(client: BillClient) -> None:
    for answer in (
        await client.get("/v3/vendors"),
        await client.get("/v3/nonsense"),
        await client.delete("/v3/vendors"),
        await client.post("/v3/vendors", {}),
    ):
        assert "X-Sim-Gap" not in answer.headers
