"""Download links: the same bytes for whoever is of the organization, nothing for others."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.refusals import check_faults, check_refused
from tests.resources.approvals import signed_in
from tests.resources.partnership import MISMATCH, as_partner, neighbour
from tests.resources.payables import NO_DATA
from tests.resources.uploads import (
    INVALID_SESSION,
    LARGEST,
    PDF,
    fetch,
    fetch_refused,
    upload,
)

ROLES = ["ACCOUNTANT", "APPROVER", "PAYER", "CLERK", "AUDITOR"]


async def new_document(
    client: BillClient, content: bytes = PDF, name: str = "invoice.pdf"
) -> dict[str, str]:
    """The details of a document that is complete."""
    bill = await client.new_bill((await client.new_vendor())["id"])
    answer = await upload(client, f"/v3/documents/bills/{bill['id']}", content, name=name)
    assert answer.status == 200, answer.body
    await client.simulate("document.processed", answer.body["id"])
    (document,) = (await client.get(f"/v3/documents/bills/{bill['id']}")).body["results"]
    return dict(document)


async def new_link(client: BillClient, content: bytes = PDF) -> str:
    return (await new_document(client, content))["downloadLink"]


async def test_a_link_gives_the_bytes_back_as_an_attachment(client: BillClient) -> None:
    content = bytes(range(256)) * 40
    found = await fetch(client, await new_link(client, content))
    assert (found.status, found.content) == (200, content)
    assert found.headers["Content-Type"] == "application/octet-stream"
    assert found.headers["Content-Length"] == str(len(content))
    assert found.headers["Content-Disposition"] == "attachment; filename*=UTF-8''invoice.pdf"


async def test_the_largest_file_comes_back_whole(client: BillClient) -> None:
    content = bytes(range(256)) * (LARGEST // 256)
    found = await fetch(client, await new_link(client, content))
    assert found.content == content


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(min_size=1, max_size=2000), name=st.text(min_size=1, max_size=50))
async def test_bytes_and_name_come_out_as_they_went_in(
    client: BillClient, content: bytes, name: str
) -> None:
    name = name.encode("utf-8", "ignore").decode() + "."
    document = await new_document(client, content, name)
    assert document["name"] == name
    found = await fetch(client, document["downloadLink"])
    assert found.content == content
    kept = quote(name, safe="")
    assert found.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{kept}"


@pytest.mark.parametrize(
    "name",
    [
        "../../../../etc/passwd",
        "..\\..\\windows\\win.ini",
        "/etc/passwd",
        "%2e%2e%2fetc%2fpasswd",
        'a"; filename="b.html',
        "a.pdf\r\nSet-Cookie: a=b\r\n\r\n<script>",
        "a\x00b\x7f.pdf",
        "Zahlungsübersicht März 請求書 🧾.pdf",
        "a;b='c'.pdf",
        "請" * 500,
    ],
)
async def test_a_name_is_a_label_and_nothing_else(client: BillClient, name: str) -> None:
    document = await new_document(client, name=name)
    assert document["name"] == name
    link = document["downloadLink"]
    assert link == f"{client.origin}/is/BillFileServlet/{document['id']}"
    found = await fetch(client, link)
    assert found.content == PDF
    assert set(found.headers) <= {
        "Content-Disposition",
        "Content-Length",
        "Content-Type",
        "Date",
    }
    start, _, told = found.headers["Content-Disposition"].partition("''")
    assert (start, told) == ("attachment; filename*=UTF-8", quote(name, safe=""))


@pytest.mark.parametrize("role", ROLES)
async def test_everybody_of_the_organization_may_follow_a_link(
    client: BillClient, role: str
) -> None:
    link = await new_link(client)
    found = await fetch(await signed_in(client, role), link)
    assert (found.status, found.content) == (200, PDF)


async def test_a_sync_token_may_follow_a_link(client: BillClient) -> None:
    link = await new_link(client)
    token = client.world["syncToken"]
    session = (await client.login(username=token["name"], password=token["value"])).body
    assert (await fetch(client, link, session["sessionId"])).content == PDF


async def test_following_a_link_keeps_a_session_alive(client: BillClient) -> None:
    link = await new_link(client)
    for _ in range(2):
        await client.advance(sign_in=False, seconds=35 * 60 - 1)
        assert (await fetch(client, link)).status == 200


async def test_without_a_session_there_is_nothing(client: BillClient) -> None:
    link = await new_link(client)
    missing = "sessionId: must not be null"
    check_faults(await fetch_refused(client, link), missing)
    check_faults(await fetch_refused(client, link, devKey=client.world["devKey"]), missing)


@pytest.mark.parametrize("session_id", ["nonsense", "", "x" * 4000])
async def test_a_nonsense_session_is_401(client: BillClient, session_id: str) -> None:
    link = await new_link(client)
    check_refused(await fetch_refused(client, link, sessionId=session_id), 401, INVALID_SESSION)


async def test_an_ended_session_is_401(client: BillClient) -> None:
    link = await new_link(client)
    session = {"sessionId": client.headers["sessionId"]}
    await client.post("/v3/logout")
    check_refused(await fetch_refused(client, link, **session), 401, INVALID_SESSION)


async def test_an_expired_session_is_401(client: BillClient) -> None:
    link = await new_link(client)
    session = {"sessionId": client.headers["sessionId"]}
    await client.advance(sign_in=False, seconds=35 * 60)
    check_refused(await fetch_refused(client, link, **session), 401, INVALID_SESSION)


async def test_a_session_of_another_world_is_404(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    link = await new_link(here)
    session = {"sessionId": there.headers["sessionId"]}
    check_refused(await fetch_refused(here, link, **session), 404, NO_DATA)


async def test_worlds_of_one_seed_keep_their_files_apart(make_client: MakeClient) -> None:
    """Their records have the same ids: only the session tells them apart."""
    here, there = await make_client(seed=7), await make_client(seed=7)
    link = await new_link(here, b"of here")
    session = {"sessionId": there.headers["sessionId"]}
    check_refused(await fetch_refused(here, link, **session), 404, NO_DATA)
    assert await new_link(there, b"of there") == link
    assert (await fetch(here, link)).content == b"of here"
    assert (await fetch(there, link)).content == b"of there"


async def test_a_session_of_another_organization_is_404(client: BillClient) -> None:
    link = await new_link(client)
    other = await neighbour(client)
    session = {"sessionId": other.headers["sessionId"]}
    check_refused(await fetch_refused(client, link, **session), 404, NO_DATA)
    own = await new_link(other, b"rice")
    assert (await fetch(other, own)).content == b"rice"
    check_refused(
        await fetch_refused(client, own, sessionId=client.headers["sessionId"]), 404, NO_DATA
    )


async def test_a_partner_does_not_follow_links(client: BillClient) -> None:
    link = await new_link(client)
    partner = await as_partner(client)
    session = {"sessionId": partner.headers["sessionId"]}
    check_refused(await fetch_refused(client, link, **session), 403, MISMATCH)


@pytest.mark.parametrize(
    "path", ["/is/BillFileServlet/nonsense", "/is/BillFileServlet/..%2f..%2fetc%2fpasswd"]
)
async def test_an_unknown_file_is_404(client: BillClient, path: str) -> None:
    session = {"sessionId": client.headers["sessionId"]}
    check_refused(await fetch_refused(client, client.origin + path, **session), 404, NO_DATA)
