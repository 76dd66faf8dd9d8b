"""BILL's examples for the network and for risk verification are taken, in BILL's shapes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.contract import BEFORE_THE_EXAMPLES, NOT_THERE, OPERATIONS, Contractor, absent, faults
from tests.resources.networking import ASKS_FIRST, NETWORK
from tests.resources.partnership import as_partner, within
from tests.resources.receivables import new_customer

if not OPERATIONS:
    pytest.skip(NOT_THERE, allow_module_level=True)

ROOT = "/connect/v3"
N, R = f"{ROOT}/network", f"{ROOT}/risk-verifications"
P = f"{ROOT}/partner/risk-verifications"
BUILT = [key for key in OPERATIONS if key.split(" ")[1].startswith((N, R, P))]
INVITE = {"networkId": ASKS_FIRST, "networkType": "BILL"}


class NetworkContractor(Contractor):
    """An administrator in a world with a vendor and a customer that are not connected."""

    async def furnish(self) -> None:
        await super().furnish()
        customer = await new_customer(self.client)
        self.values |= {
            "customer_id": customer["id"],
            "network_id": ASKS_FIRST,
            "network_vendor_name": "Juniper",
            "vendor_email": "vendor@outside.example",
            "user_id": self.values["org_user_id"],
        }

    def body(self, key: str) -> Any:
        if key.endswith("/invitation/accept"):
            # BILL's example is no JSON: its id lacks quotes.
            return {
                "networkId": ASKS_FIRST,
                "type": "CUSTOMER",
                "id": self.values["customer_id"],
            }
        return super().body(key)


@pytest.fixture
async def contractor(make_client: MakeClient) -> NetworkContractor:
    made = NetworkContractor(await make_client(trusted=True, start=BEFORE_THE_EXAMPLES))
    await made.furnish()
    return made


async def _invite(c: Contractor) -> None:
    for side in ("vendor", "customer"):
        path = f"{NETWORK}/invitation/{side}/{c.values[f'{side}_id']}"
        assert (await c.client.post(path, INVITE)).status == 200


async def _invited(c: Contractor) -> None:
    more = {"networkId": ASKS_FIRST, "type": "CUSTOMER"}
    await c.client.simulate("network_invitation.received", c.values["organization_id"], **more)


async def _as_partner(c: Contractor) -> None:
    c.client = within(await as_partner(c.client), c.values["organization_id"])


BEFORE: dict[str, Callable[[Contractor], Awaitable[None]]] = {
    f"GET {N}/invitation/vendor/{{vendorId}}": _invite,
    f"GET {N}/invitation/customer/{{customerId}}": _invite,
    f"DELETE {N}/invitation/vendor/{{vendorId}}": _invite,
    f"DELETE {N}/invitation/customer/{{customerId}}": _invite,
    f"POST {N}/invitation/accept": _invited,
    f"POST {P}/{{userId}}/phone": _as_partner,
}


def test_the_contract_has_fourteen_such_operations() -> None:
    assert len(BUILT) == 14


@pytest.mark.parametrize("key", BUILT)
async def test_the_example_of_the_contract_is_answered_in_its_shape(
    contractor: NetworkContractor, key: str
) -> None:
    if key in BEFORE:
        await BEFORE[key](contractor)
    answer = await contractor.example(key)
    operation = OPERATIONS[key]
    assert answer.status == operation["success"], answer.body
    shape = operation["responseShape"]
    if shape is None:
        assert answer.raw == b""
        return
    assert faults(answer.body, shape) == []
    assert absent(answer.body, shape) <= {"results.addresses.line2"}
