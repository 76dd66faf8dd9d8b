"""In which order a call is checked, and how the refusals look on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient
from tests.refusals import check_faults, check_refused, check_unreadable

INVALID = ("BDC_1109", "Session is invalid.  Please log in.")
BAD_KEY = ("BDC_1102", "Developer key is invalid.")
UNTRUSTED = ("BDC_1361", "Untrusted session.")
FORBIDDEN = ("BDC_1145", "The user does not have permission to perform this operation.")
UNKNOWN = ("BDC_1205", "No data found for object with given ID.")
NOT_SUPPORTED = ("BDC_1121", "API not supported.")


async def send(
    client: BillClient,
    path: str,
    headers: dict[str, str],
    *,
    raw: bytes = b"{",
    content_type: str = "application/json",
) -> Answer:
    """A POST with these headers alone."""
    client.headers = {**headers, "Content-Type": content_type}
    return await client.post(path, raw=raw)


async def test_every_item_of_the_envelope_is_exact(client: BillClient) -> None:
    answer = await client.get("/v3/vendors/nonsense")
    assert answer.status == 404
    assert answer.body == [
        {
            "timestamp": "2026-06-03T16:00:00.000+00:00",
            "code": "BDC_1205",
            "severity": "ERROR",
            "category": "DOWNSTREAM",
            "message": "No data found for object with given ID.",
        }
    ]
    answer = await client.post("/v3/bills", {"vendorId": " "})
    assert answer.status == 400
    assert answer.body[0] == {
        "timestamp": "2026-06-03T16:00:00.000+00:00",
        "severity": "ERROR",
        "category": "REQUEST",
        "message": "vendorId: must not be blank",
    }


@pytest.mark.parametrize(
    ("code", "category"),
    [("BDC_1109", "DOWNSTREAM"), ("BDC_1361", "DOWNSTREAM"), ("BDC_1205", "DOWNSTREAM")],
)
async def test_what_bill_refuses_is_downstream(
    client: BillClient, code: str, category: str
) -> None:
    answers = [
        await client.get("/v3/vendors", headers={"sessionId": "nonsense"}),
        await client.post("/v3/payments", {}),
        await client.get("/v3/bills/nonsense"),
    ]
    found = {answer.body[0]["code"]: answer.body[0]["category"] for answer in answers}
    assert found[code] == category


async def test_a_call_is_checked_step_by_step(make_client: MakeClient) -> None:
    """Every request is wrong in all the ways that the later ones are."""
    client = await make_client("AUDITOR")
    good = client.headers
    no_keys: dict[str, str] = {}
    bad_key = {"devKey": "nonsense", "sessionId": "nonsense"}
    bad_session = {**good, "sessionId": "nonsense"}

    answer = await send(client, "/v3/nonsense", no_keys, content_type="text/plain")
    check_refused(answer, 404, NOT_SUPPORTED)
    answer = await send(client, "/v3/payments", no_keys, content_type="text/plain")
    check_refused(answer, 415, (None, "Content-Type 'text/plain' is not supported"))
    check_faults(await send(client, "/v3/payments", no_keys), "devKey: must not be null")
    check_refused(await send(client, "/v3/payments", bad_key), 401, BAD_KEY)
    no_session = {"devKey": good["devKey"]}
    check_faults(await send(client, "/v3/payments", no_session), "sessionId: must not be null")
    check_refused(await send(client, "/v3/payments", bad_session), 401, INVALID)
    check_refused(await send(client, "/v3/payments", good), 403, UNTRUSTED)
    check_refused(await send(client, "/v3/vendors", good), 403, FORBIDDEN)


async def test_the_body_is_checked_before_the_id_in_the_path(client: BillClient) -> None:
    path = "/v3/vendors/nonsense"
    answer = await client.patch(path, None, raw=b"{x")
    check_unreadable(answer)
    check_refused(await client.patch(path, {}), 404, UNKNOWN)


async def test_a_wrong_method_is_told_before_the_missing_headers(client: BillClient) -> None:
    client.headers = {}
    answer = await client.delete("/v3/vendors")
    check_refused(answer, 405, (None, "Request method 'DELETE' is not supported"))
    assert answer.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v3/vendors", None),
        ("GET", "/v3/vendors/{vendor}", None),
        ("POST", "/v3/vendors", {}),
        ("PATCH", "/v3/vendors/{vendor}", {}),
        ("POST", "/v3/vendors/{vendor}/archive", None),
        ("POST", "/v3/payments", {}),
        ("POST", "/v3/mfa/challenge", {}),
        ("GET", "/v3/login/session", None),
        ("POST", "/v3/logout", None),
    ],
)
async def test_no_call_but_login_works_without_a_session(
    client: BillClient, method: str, path: str, body: Any
) -> None:
    vendor = await client.new_vendor()
    path = "/connect" + path.replace("{vendor}", vendor["id"])
    answer = await client.call(method, path, body, headers={"sessionId": "nonsense"})
    check_refused(answer, 401, INVALID)
    assert (await client.get(f"/v3/vendors/{vendor['id']}")).body["archived"] is False
