"""Members of the network and steps in it that several tests take."""

from __future__ import annotations

from typing import Any

from tests.http import Answer, BillClient

NETWORK = "/v3/network"
ACCEPT = f"{NETWORK}/invitation/accept"

AT_ONCE = "0140000000001001"
ASKS_FIRST = "0140000000001003"
PRIVATE = "0140000000001005"
NATIONAL = "0rv01METROFIBERNT001"


def path_of(record: dict[str, Any]) -> str:
    """The path of the connection with a vendor or customer."""
    side = "vendor" if record["id"].startswith("009") else "customer"
    return f"{NETWORK}/invitation/{side}/{record['id']}"


async def ask(client: BillClient, record: dict[str, Any], network_id: str = ASKS_FIRST) -> Answer:
    """Send a connection request."""
    body: dict[str, Any] = {"networkId": network_id, "networkType": "BILL"}
    if network_id.startswith("0rv"):
        body |= {"networkType": "RPPS", "rppsInformation": {"accountNumber": "7200145"}}
    return await client.post(path_of(record), body)


async def status_of(client: BillClient, record: dict[str, Any]) -> dict[str, Any]:
    """How the organization is connected with a vendor or customer."""
    answer = await client.get(path_of(record))
    assert answer.status == 200, answer.body
    return dict(answer.body)
