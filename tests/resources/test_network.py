"""Connecting with vendors and customers in the BILL network: search, ask, answer, end."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.refusals import check_faults, check_refused
from tests.resources.networking import (
    ACCEPT,
    ASKS_FIRST,
    AT_ONCE,
    NATIONAL,
    NETWORK,
    PRIVATE,
    ask,
    path_of,
    status_of,
)
from tests.resources.partnership import neighbour
from tests.resources.payables import NO_DATA, UNKNOWN_VENDOR
from tests.resources.receivables import (
    INVOICES,
    RECEIVED,
    UNKNOWN_CUSTOMER,
    chargeable,
    new_customer,
    new_invoice,
)

NOT_CONNECTED, PENDING, CONNECTED = "NOT_CONNECTED", "PENDING", "CONNECTED"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"name": "Juniper"}, ["Juniper Sound Works"]),
        ({"name": "works sound"}, ["Juniper Sound Works"]),
        ({"name": "Junip"}, []),
        ({"name": "Ju"}, []),
        ({"name": "&"}, []),
        ({"name": "Quiet Lake Press"}, []),
        ({"name": "Marlow", "scope": "BILL", "zipOrPostalCode": "80202"}, ["Marlow Catering"]),
        ({"name": "Marlow", "zipOrPostalCode": "97205"}, []),
        ({"name": "Marlow", "scope": "RPPS"}, []),
        ({"name": "fiber", "scope": "BILL"}, []),
        ({"name": "fib", "scope": "RPPS"}, ["Metro Fiber Internet"]),
        ({"name": "fib", "scope": "ALL"}, ["Metro Fiber Internet"]),
        ({"name": "r", "scope": "RPPS", "zipOrPostalCode": "68"}, ["Prairie Water District"]),
        ({"name": "fib", "scope": "RPPS", "accountNumber": "7200145"}, ["Metro Fiber Internet"]),
        ({"name": "fib", "scope": "RPPS", "accountNumber": "10"}, []),
    ],
)
async def test_a_search_finds_words_of_members_and_parts_of_national_vendors(
    client: BillClient, query: dict[str, str], names: list[str]
) -> None:
    answer = await client.get(f"{NETWORK}?{urlencode(query)}")
    assert answer.status == 200
    assert set(answer.body) == {"results"}
    assert [member["name"] for member in answer.body["results"]] == names


async def test_a_member_is_told_in_bills_shape(client: BillClient) -> None:
    (member,) = (await client.get(f"{NETWORK}?name=marlow")).body["results"]
    assert member == {
        "id": ASKS_FIRST,
        "name": "Marlow Catering",
        "type": "BUSINESS",
        "addresses": [
            {
                "line1": "18 Orchard Lane",
                "city": "Denver",
                "stateOrProvince": "CO",
                "zipOrPostalCode": "80202",
                "country": "US",
            }
        ],
        "managedBy": {
            "name": "Grace Marlow",
            "email": "grace@marlowcatering.example",
            "emailDomain": "marlowcatering.example",
        },
    }


@pytest.mark.parametrize("query", ["", "?scope=BILL"])
async def test_a_search_needs_a_name(client: BillClient, query: str) -> None:
    assert (await client.get(f"{NETWORK}{query}")).status == 400


async def test_who_connects_at_once_is_connected_and_paid_into_the_wallet(
    payer: BillClient,
) -> None:
    vendor = await payer.new_vendor(by_check=True)
    assert await status_of(payer, vendor) == {"id": vendor["id"], "status": NOT_CONNECTED}
    answer = await ask(payer, vendor, AT_ONCE)
    assert (answer.status, answer.raw) == (200, b"")
    assert await status_of(payer, vendor) == {
        "id": vendor["id"],
        "status": CONNECTED,
        "networkId": AT_ONCE,
    }
    connected = (await payer.get(f"/v3/vendors/{vendor['id']}")).body
    assert connected["networkStatus"] == CONNECTED
    assert connected["bankAccountStatus"] == "NET_LINKED_ACCOUNT"
    information = connected["paymentInformation"]
    assert information["payByType"] == "WALLET"
    assert information["bankAccount"]["nameOnAccount"] == vendor["name"]
    assert information["bankAccount"]["accountNumber"].startswith("*" * 12)
    payment = (await payer.pay(await payer.new_bill(vendor["id"], 10), 10)).body
    assert payment["disbursementType"] == "WALLET"
    await payer.simulate("payment.settled", payment["id"])
    paid = (await payer.get(f"/v3/payments/{payment['id']}")).body
    assert set(paid["disbursementInfo"]) == {"isVoidable", "walletDisbursement"}


async def test_a_national_vendor_is_paid_by_rpps(payer: BillClient) -> None:
    vendor = await payer.new_vendor(by_check=True)
    assert (await ask(payer, vendor, NATIONAL)).status == 200
    connected = (await payer.get(f"/v3/vendors/{vendor['id']}")).body
    assert (connected["networkStatus"], connected["rppsId"]) == ("CONNECTED_RPPS", NATIONAL)
    assert connected["paymentInformation"]["payByType"] == "RPPS"
    payment = (await payer.pay(await payer.new_bill(vendor["id"], 10), 10)).body
    await payer.simulate("payment.settled", payment["id"])
    info = (await payer.get(f"/v3/payments/{payment['id']}")).body["disbursementInfo"]
    assert set(info["rppsDisbursement"]) == {
        "sentDate",
        "arrivesByDate",
        "traceNumber",
        "batchNumber",
    }


async def test_who_is_asked_first_is_pending_until_the_answer(client: BillClient) -> None:
    vendor = await client.new_vendor(email="billing@happymusic.example")
    assert (await ask(client, vendor)).status == 200
    assert (await status_of(client, vendor))["status"] == PENDING
    pending = (await client.get(f"/v3/vendors/{vendor['id']}")).body
    assert pending["networkStatus"] == PENDING
    assert pending["paymentInformation"]["payByType"] == "ACH"
    (mail,) = (await client.control("GET", "/outbox?kind=email")).body["results"]
    assert mail["to"] == "billing@happymusic.example"
    accepted = await client.simulate("network_invitation.accepted", vendor["id"])
    assert accepted.body["record"] == await status_of(client, vendor)
    assert accepted.body["record"]["status"] == CONNECTED


async def test_a_vendors_own_bank_account_comes_back_with_the_end(client: BillClient) -> None:
    vendor = await client.new_vendor()
    await ask(client, vendor, AT_ONCE)
    connected = (await client.get(f"/v3/vendors/{vendor['id']}")).body["paymentInformation"]
    assert connected["bankAccount"] == vendor["paymentInformation"]["bankAccount"]
    assert (await client.delete(path_of(vendor))).status == 200
    again = (await client.get(f"/v3/vendors/{vendor['id']}")).body
    assert again["paymentInformation"] == vendor["paymentInformation"]
    assert again["networkStatus"] == NOT_CONNECTED
    assert "rppsId" not in again


async def test_a_linked_account_is_not_the_payers_to_delete(client: BillClient) -> None:
    vendor = await client.new_vendor(by_check=True)
    await ask(client, vendor, AT_ONCE)
    path = f"/v3/vendors/{vendor['id']}/bank-account"
    assert (await client.get(path)).status == 200
    check_refused(await client.delete(path), 404, NO_DATA)
    await client.delete(path_of(vendor))
    assert (await client.get(path)).status == 404


async def test_a_customer_is_connected_too_and_gets_no_payment_link(client: BillClient) -> None:
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"])
    link = {"customerId": customer["id"], "email": customer["email"]}
    path = f"{INVOICES}/{invoice['id']}/payment-link"
    assert (await client.post(path, link)).status == 200
    await ask(client, customer)
    assert (await client.post(path, link)).status == 200
    await client.simulate("network_invitation.accepted", customer["id"])
    assert (await status_of(client, customer))["status"] == CONNECTED
    told = f"Customer {customer['id']} is connected in the BILL network."
    check_refused(await client.post(path, link), 422, (None, told))


async def test_an_outsider_is_invited_by_mail_and_gets_an_id_of_its_own(client: BillClient) -> None:
    vendor = await client.new_vendor()
    path = f"{path_of(vendor)}/email"
    assert (await client.post(path, {"email": "new@vendor.example"})).status == 200
    assert await status_of(client, vendor) == {"id": vendor["id"], "status": PENDING}
    (mail,) = (await client.control("GET", "/outbox?kind=email")).body["results"]
    assert mail["to"] == "new@vendor.example"
    await client.simulate("network_invitation.accepted", vendor["id"])
    found = await status_of(client, vendor)
    assert found["status"] == CONNECTED
    assert len(found["networkId"]) == 16


@pytest.mark.parametrize("event", ["declined", "expired"])
async def test_an_invitation_may_come_to_nothing_and_be_sent_again(
    client: BillClient, event: str
) -> None:
    vendor = await client.new_vendor()
    await ask(client, vendor)
    assert (await client.simulate(f"network_invitation.{event}", vendor["id"])).status == 200
    assert await status_of(client, vendor) == {"id": vendor["id"], "status": NOT_CONNECTED}
    assert (await client.get(f"/v3/vendors/{vendor['id']}")).body["networkStatus"] == NOT_CONNECTED
    assert (await ask(client, vendor)).status == 200


async def test_an_invitation_expires_after_60_days(client: BillClient) -> None:
    vendor = await client.new_vendor()
    await ask(client, vendor)
    await client.advance(to="2026-08-02T15:59:59+00:00")
    assert (await status_of(client, vendor))["status"] == PENDING
    await client.advance(to="2026-08-02T16:00:00+00:00")
    assert (await status_of(client, vendor))["status"] == NOT_CONNECTED


async def test_a_later_invitation_outlives_the_time_of_an_earlier_one(client: BillClient) -> None:
    vendor = await client.new_vendor()
    await ask(client, vendor)
    await client.advance(days=30)
    await client.delete(path_of(vendor))
    await ask(client, vendor)
    await client.advance(days=31)
    assert (await status_of(client, vendor))["status"] == PENDING
    await client.advance(days=29)
    assert (await status_of(client, vendor))["status"] == NOT_CONNECTED


async def test_an_invitation_that_was_taken_back_is_not_accepted(make_client: MakeClient) -> None:
    client = await make_client(network_invitations="accepted")
    vendor = await client.new_vendor()
    await ask(client, vendor)
    assert (await client.delete(path_of(vendor))).status == 200
    await client.advance(days=1)
    assert (await status_of(client, vendor))["status"] == NOT_CONNECTED


async def test_invitations_are_accepted_the_next_bank_day_if_the_setting_says_so(
    make_client: MakeClient,
) -> None:
    client = await make_client(network_invitations="accepted")
    vendor = await client.new_vendor()
    await ask(client, vendor)
    await client.advance(to="2026-06-04T05:59:59-07:00")
    assert (await status_of(client, vendor))["status"] == PENDING
    await client.advance(to="2026-06-04T06:00:00-07:00")
    assert (await status_of(client, vendor))["status"] == CONNECTED


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, ("networkId: must not be blank", "networkType: must not be null")),
        (
            {"networkId": NATIONAL, "networkType": "RPPS"},
            ("rppsInformation: must not be null",),
        ),
        (
            {"networkId": NATIONAL, "networkType": "RPPS", "rppsInformation": {}},
            ("rppsInformation.accountNumber: must not be blank",),
        ),
    ],
)
async def test_a_faulty_invitation_is_told_member_by_member(
    client: BillClient, body: dict[str, Any], told: tuple[str, ...]
) -> None:
    vendor = await client.new_vendor()
    check_faults(await client.post(path_of(vendor), body), *told)
    assert (await status_of(client, vendor))["status"] == NOT_CONNECTED


@pytest.mark.parametrize("network_id", ["0140000000009999", PRIVATE.lower() + "x"])
async def test_who_is_not_in_the_network_is_not_found(client: BillClient, network_id: str) -> None:
    vendor = await client.new_vendor()
    check_refused(await ask(client, vendor, network_id), 404, NO_DATA)
    wrong_network = {"networkId": NATIONAL, "networkType": "BILL"}
    check_refused(await client.post(path_of(vendor), wrong_network), 404, NO_DATA)


async def test_a_private_profile_is_found_by_its_id_alone(client: BillClient) -> None:
    vendor = await client.new_vendor()
    assert (await ask(client, vendor, PRIVATE)).status == 200


async def test_a_national_vendor_is_nobodys_customer(client: BillClient) -> None:
    customer = await new_customer(client)
    told = (None, "A customer cannot be connected by RPPS.")
    check_refused(await ask(client, customer, NATIONAL), 422, told)


@pytest.mark.parametrize("first", [AT_ONCE, ASKS_FIRST])
async def test_one_invitation_at_a_time(client: BillClient, first: str) -> None:
    vendor = await client.new_vendor()
    await ask(client, vendor, first)
    state = (await status_of(client, vendor))["status"]
    told = (None, f"{vendor['id']} is {state} in the network.")
    check_refused(await ask(client, vendor), 422, told)
    by_mail = await client.post(f"{path_of(vendor)}/email", {"email": "a@b.example"})
    check_refused(by_mail, 422, told)


async def test_what_is_not_there_cannot_be_ended(client: BillClient) -> None:
    for record in (await client.new_vendor(), await new_customer(client)):
        check_refused(await client.delete(path_of(record)), 404, NO_DATA)


@pytest.mark.parametrize("record_id", [UNKNOWN_VENDOR, UNKNOWN_CUSTOMER])
async def test_unknown_and_foreign_records_are_not_found(
    client: BillClient, record_id: str
) -> None:
    path = path_of({"id": record_id})
    body = {"networkId": AT_ONCE, "networkType": "BILL"}
    check_refused(await client.get(path), 404, NO_DATA)
    check_refused(await client.post(path, body), 404, NO_DATA)
    check_refused(await client.delete(path), 404, NO_DATA)
    foreign = await (await neighbour(client)).new_vendor()
    check_refused(await client.get(path_of(foreign)), 404, NO_DATA)


async def test_a_connection_with_payments_under_way_is_not_ended(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    await ask(payer, vendor, AT_ONCE)
    payment = (await payer.pay(await payer.new_bill(vendor["id"], 10), 10)).body
    told = (None, f"{vendor['id']} has payments that are scheduled or in process.")
    for _ in range(2):
        check_refused(await payer.delete(path_of(vendor)), 422, told)
        ended = await payer.simulate("network_connection.ended", vendor["id"])
        assert ended.status == 409
        assert (await status_of(payer, vendor))["status"] == CONNECTED
        await payer.simulate("payment.advanced", payment["id"])
    await payer.simulate("payment.settled", payment["id"])
    assert (await payer.delete(path_of(vendor))).status == 200


async def test_a_connection_with_charges_under_way_is_not_ended(client: BillClient) -> None:
    charge = await chargeable(client)
    customer = {"id": charge["customerId"]}
    await ask(client, customer, AT_ONCE)
    payment = (await client.post(RECEIVED, charge)).body
    assert (await client.delete(path_of(customer))).status == 422
    await client.simulate("received_payment.settled", payment["id"])
    assert (await client.delete(path_of(customer))).status == 200


async def test_an_open_invitation_is_taken_back_whatever_is_paid(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    await payer.pay(await payer.new_bill(vendor["id"], 10), 10)
    await ask(payer, vendor)
    assert (await payer.delete(path_of(vendor))).status == 200
    assert (await status_of(payer, vendor))["status"] == NOT_CONNECTED


async def invited(client: BillClient, side: str, network_id: str = ASKS_FIRST) -> None:
    """A member of the network asks to connect."""
    organization = client.world["organizationId"]
    more = {"networkId": network_id, "type": side}
    answer = await client.simulate("network_invitation.received", organization, **more)
    assert answer.status == 200, answer.body


async def test_an_invitation_is_accepted_with_a_record_of_ours(client: BillClient) -> None:
    vendor = await client.new_vendor()
    await invited(client, "VENDOR")
    body = {"networkId": ASKS_FIRST, "type": "VENDOR", "id": vendor["id"]}
    answer = await client.post(ACCEPT, body)
    assert (answer.status, answer.raw) == (200, b"")
    assert (await status_of(client, vendor))["networkId"] == ASKS_FIRST
    # It is answered once.
    other = {**body, "id": (await client.new_vendor())["id"]}
    check_refused(await client.post(ACCEPT, other), 404, NO_DATA)


@pytest.mark.parametrize(
    ("side", "path", "place"),
    [("VENDOR", "/v3/vendors", "address"), ("CUSTOMER", "/v3/customers", "billingAddress")],
)
async def test_an_invitation_is_accepted_with_a_new_record(
    client: BillClient, side: str, path: str, place: str
) -> None:
    await invited(client, side)
    body = {"networkId": ASKS_FIRST, "type": side, "name": "Marlow"}
    assert (await client.post(ACCEPT, body)).status == 200
    (made,) = (await client.get(path)).body["results"]
    assert (made["name"], made["email"]) == ("Marlow", "grace@marlowcatering.example")
    assert made[place]["city"] == "Denver"
    assert (await status_of(client, made))["status"] == CONNECTED


@pytest.mark.parametrize("more", [{}, {"id": UNKNOWN_VENDOR, "name": "x"}])
async def test_accepting_takes_an_id_or_a_name(client: BillClient, more: dict[str, str]) -> None:
    await invited(client, "VENDOR")
    answer = await client.post(ACCEPT, {"networkId": ASKS_FIRST, "type": "VENDOR", **more})
    check_faults(answer, "Exactly one of id and name must be provided")


@pytest.mark.parametrize(
    "more",
    [
        {"type": "CUSTOMER", "name": "x"},
        {"networkId": AT_ONCE, "name": "x"},
        {"id": UNKNOWN_VENDOR},
    ],
)
async def test_what_was_not_received_is_not_accepted(
    client: BillClient, more: dict[str, str]
) -> None:
    await invited(client, "VENDOR")
    body = {"networkId": ASKS_FIRST, "type": "VENDOR", **more}
    check_refused(await client.post(ACCEPT, body), 404, NO_DATA)
    assert (await client.get("/v3/vendors")).body["results"] == []


async def test_a_record_that_is_connected_takes_no_other_invitation(client: BillClient) -> None:
    vendor = await client.new_vendor()
    await ask(client, vendor, AT_ONCE)
    await invited(client, "VENDOR")
    body = {"networkId": ASKS_FIRST, "type": "VENDOR", "id": vendor["id"]}
    told = (None, f"{vendor['id']} is CONNECTED in the network.")
    check_refused(await client.post(ACCEPT, body), 422, told)


async def test_an_invitation_that_we_leave_unanswered_expires(client: BillClient) -> None:
    await invited(client, "VENDOR")
    await client.advance(days=60)
    body = {"networkId": ASKS_FIRST, "type": "VENDOR", "name": "Marlow"}
    check_refused(await client.post(ACCEPT, body), 404, NO_DATA)
    await invited(client, "VENDOR")
    assert (await client.post(ACCEPT, body)).status == 200


async def test_a_later_invitation_to_us_outlives_the_time_of_an_earlier_one(
    client: BillClient,
) -> None:
    body = {"networkId": ASKS_FIRST, "type": "VENDOR", "name": "Marlow"}
    await invited(client, "VENDOR")
    assert (await client.post(ACCEPT, body)).status == 200
    await client.advance(days=30)
    await invited(client, "VENDOR")
    await client.advance(days=31)
    assert (await client.post(ACCEPT, body)).status == 200


@pytest.mark.parametrize("network_id", [NATIONAL, "0140000000009999"])
async def test_only_members_of_the_network_invite_us(client: BillClient, network_id: str) -> None:
    more = {"networkId": network_id, "type": "VENDOR"}
    organization = client.world["organizationId"]
    answer = await client.simulate("network_invitation.received", organization, **more)
    assert answer.status == 409
    assert answer.body["detail"] == f"networkId: {network_id} is not in the BILL network."
