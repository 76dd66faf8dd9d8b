"""Connecting with vendors and customers that use BILL, too. /v3/network"""

from __future__ import annotations

from itertools import islice
from typing import Annotated

from pydantic import Field

from simulator.core.body import Body, NotBlank, Text
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented, observed
from simulator.core.roles import ENTER_BILLS, MANAGE_RECEIVABLES
from simulator.resources import customers, vendors
from simulator.resources.addresses import AddressBody
from simulator.resources.customers import Customer, CustomerCreate
from simulator.resources.network_life import happen, invite, money_under_way
from simulator.resources.network_rows import (
    MOST_HITS,
    Connection,
    Member,
    NetworkType,
    Scope,
    Side,
    connection_of,
    connections,
    invitation_from,
    invitations,
    members,
    search,
)
from simulator.resources.vendor_rows import NetworkStatus, Vendor, VendorCreate
from simulator.resources.vendor_rows import vendors as vendor_rows


class SearchQuery(Body):
    """What to look for; all networks without a scope."""

    name: NotBlank
    scope: Scope | None = None
    zip_or_postal_code: Text | None = None
    account_number: Text | None = None


class NationalBody(Body):
    """The organization's account with a verified national vendor, and the vendor's address."""

    account_number: NotBlank
    address_id: Text | None = None


class InvitationBody(Body):
    """Whom to connect with."""

    network_id: NotBlank
    network_type: NetworkType
    rpps_information: NationalBody | None = None


class EmailBody(Body):
    """Where to invite a vendor that is not in the network."""

    email: NotBlank


class AcceptBody(Body):
    """Whose invitation, and which record to connect: one by its id, or a new one of that name."""

    network_id: NotBlank
    type: Side
    id: Text | None = None
    name: Annotated[Text, Field(max_length=100)] | None = None


@connections.rule(
    "A search without scope looks through both networks.",
    assumed("BILL's collection always gives a scope"),
)
@connections.operation(
    "GET",
    "",
    query=SearchQuery,
    wrap="results",
    evidence=documented("BILL reference: Search the BILL Network (no paging)"),
)
def search_network(ctx: Ctx, query: SearchQuery) -> list[Member]:
    """Search for organizations of the network."""
    found = search(
        query.name, query.scope or Scope.ALL, query.zip_or_postal_code, query.account_number
    )
    return list(islice(found, MOST_HITS))


def _party(ctx: Ctx, party_id: str, side: Side) -> Vendor | Customer:
    """A vendor or customer of ours. Refuses any other id with BDC_1205."""
    if side is Side.VENDOR:
        return ctx.get(vendor_rows, party_id)
    return ctx.get(customers.customers, party_id)


def _unconnected(ctx: Ctx, party_id: str, side: Side) -> Connection:
    connection = connection_of(ctx, party_id, side)
    if connection.status is not NetworkStatus.NOT_CONNECTED:
        raise refuse("network.not_free", id=party_id, state=connection.status)
    return connection


@connections.rule(
    "An organization that connects by itself is CONNECTED at once, a verified national vendor"
    " CONNECTED_RPPS; another one is invited by mail and PENDING until it answers, or for 60 days.",
    documented("BILL reference: Send connection request to a vendor, to a customer"),
)
@connections.rule(
    "An invitation is refused while one is open or the record is connected; an id that is not in"
    " the network is BDC_1205, a national vendor as a customer 422.",
    documented("BILL reference: a pending request is deleted before a new one; codes unknown"),
)
def _send(ctx: Ctx, party_id: str, side: Side, body: InvitationBody) -> None:
    party = _party(ctx, party_id, side)
    national = body.network_type is NetworkType.RPPS
    if national and body.rpps_information is None:
        raise refuse("field.null", field="rppsInformation")
    if national and side is Side.CUSTOMER:
        raise refuse("network.vendors_only", type=body.network_type)
    connection = _unconnected(ctx, party_id, side)
    member = members().get(body.network_id)
    if member is None or member.network is not body.network_type:
        raise refuse("BDC_1205")
    if national:
        happen(ctx, connection, "connect nationally", member.id)
    elif member.connects_at_once:
        happen(ctx, connection, "connect", member.id)
    else:
        invite(ctx, connection, party.email or "", member.id)


def _get(ctx: Ctx, party_id: str, side: Side) -> Connection:
    return connection_of(ctx, _party(ctx, party_id, side).id, side)


@connections.rule(
    "A connection that is not there, nor asked for, cannot be deleted: BDC_1205.",
    assumed("as for every other record that is not there"),
)
def _delete(ctx: Ctx, party_id: str, side: Side) -> None:
    connection = connection_of(ctx, _party(ctx, party_id, side).id, side)
    if connection.status is NetworkStatus.NOT_CONNECTED:
        raise refuse("BDC_1205")
    if connection.status is not NetworkStatus.PENDING and money_under_way(ctx, connection):
        raise refuse("network.money_under_way", id=party_id)
    happen(ctx, connection, "end")


@connections.operation(
    "GET",
    "/invitation/vendor/{vendorId}",
    evidence=documented("BILL reference: Get vendor connection request status"),
)
def get_vendor_invitation(ctx: Ctx, vendor_id: str) -> Connection:
    """Tell how the organization is connected with a vendor."""
    return _get(ctx, vendor_id, Side.VENDOR)


@connections.operation(
    "POST",
    "/invitation/vendor/{vendorId}",
    body=InvitationBody,
    roles=ENTER_BILLS,
    evidence=observed("one client, for the refusals of an empty body; else BILL's reference"),
)
def invite_vendor(ctx: Ctx, vendor_id: str, body: InvitationBody) -> None:
    """Connect with a vendor in the network, or invite it."""
    _send(ctx, vendor_id, Side.VENDOR, body)


@connections.operation(
    "DELETE",
    "/invitation/vendor/{vendorId}",
    roles=ENTER_BILLS,
    evidence=documented("BILL reference: Delete vendor connection"),
)
def delete_vendor_connection(ctx: Ctx, vendor_id: str) -> None:
    """End a connection with a vendor, or take an invitation back."""
    _delete(ctx, vendor_id, Side.VENDOR)


@connections.operation(
    "GET",
    "/invitation/customer/{customerId}",
    evidence=documented("BILL reference: Get customer connection request status"),
)
def get_customer_invitation(ctx: Ctx, customer_id: str) -> Connection:
    """Tell how the organization is connected with a customer."""
    return _get(ctx, customer_id, Side.CUSTOMER)


@connections.operation(
    "POST",
    "/invitation/customer/{customerId}",
    body=InvitationBody,
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Send connection request to a customer"),
)
def invite_customer(ctx: Ctx, customer_id: str, body: InvitationBody) -> None:
    """Connect with a customer in the network, or invite it."""
    _send(ctx, customer_id, Side.CUSTOMER, body)


@connections.operation(
    "DELETE",
    "/invitation/customer/{customerId}",
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Delete customer connection"),
)
def delete_customer_connection(ctx: Ctx, customer_id: str) -> None:
    """End a connection with a customer, or take an invitation back."""
    _delete(ctx, customer_id, Side.CUSTOMER)


@connections.operation(
    "POST",
    "/invitation/vendor/{vendorId}/email",
    body=EmailBody,
    roles=ENTER_BILLS,
    evidence=documented("BILL reference: Send connection request to a vendor not in the network"),
)
def invite_outsider(ctx: Ctx, vendor_id: str, body: EmailBody) -> None:
    """Invite a vendor to the network by mail."""
    ctx.get(vendor_rows, vendor_id)
    invite(ctx, _unconnected(ctx, vendor_id, Side.VENDOR), body.email, None)


@connections.rule(
    "Accepting takes the id of a record that is not connected, or the name of a new one, which gets"
    " the other side's address and mail.",
    documented("BILL reference: Accept connection request; code of the refusal unknown"),
)
@connections.rule(
    "An invitation that was never received, or that expired, is BDC_1205.",
    assumed("as for every other record that is not there"),
)
@connections.operation(
    "POST",
    "/invitation/accept",
    body=AcceptBody,
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Accept connection request"),
)
def accept(ctx: Ctx, body: AcceptBody) -> None:
    """Accept the invitation of an organization of the network."""
    if (body.id is None) is (body.name is None):
        raise refuse("network.id_or_name")
    invitation = invitation_from(ctx, body.network_id, body.type)
    if invitation is None:
        raise refuse("BDC_1205")
    if body.name is not None:
        party_id = _new_party(ctx, members()[body.network_id], body.name, body.type)
    else:
        party_id = _party(ctx, body.id or "", body.type).id
    connection = _unconnected(ctx, party_id, body.type)
    happen(ctx, connection, "connect", body.network_id)
    ctx.drop(invitations, invitation.id)


def _new_party(ctx: Ctx, member: Member, name: str, side: Side) -> str:
    theirs = member.addresses[0]
    address = AddressBody(
        line1=theirs.line1,
        line2=theirs.line2,
        city=theirs.city,
        state_or_province=theirs.state_or_province,
        zip_or_postal_code=theirs.zip_or_postal_code,
        country=theirs.country,
    )
    email = member.managed_by.email if member.managed_by else ""
    if side is Side.VENDOR:
        return vendors.create(ctx, VendorCreate(name=name, email=email, address=address)).id
    wanted = CustomerCreate(name=name, email=email, billing_address=address)
    return customers.create(ctx, wanted).id
