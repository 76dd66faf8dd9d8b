"""What the other side does in the BILL network: answers, invites, ends a connection."""

from __future__ import annotations

from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented
from simulator.core.simulations import Details, NoDetails, when
from simulator.resources import network_life
from simulator.resources.network_rows import (
    Connection,
    NetworkType,
    Side,
    connections,
    invitation_from,
    members,
)
from simulator.resources.organizations import Organization, organizations
from simulator.resources.vendor_rows import NetworkStatus

_OPEN = when("status", {NetworkStatus.PENDING})


@connections.simulation(
    "network_invitation.accepted",
    states=_OPEN,
    course="on the next bank day, if the setting `network_invitations` is `accepted`",
    evidence=documented("BILL reference: Accept connection request, seen from the other side"),
)
def accepted(ctx: Ctx, party_id: str, details: NoDetails) -> Connection:
    """A vendor or customer, whose id the record has, accepts our invitation."""
    return network_life.accepted(ctx, ctx.get(connections, party_id))


@connections.simulation(
    "network_invitation.declined",
    states=_OPEN,
    evidence=assumed("BILL tells of accepting alone; whoever is asked may refuse"),
)
def declined(ctx: Ctx, party_id: str, details: NoDetails) -> Connection:
    """A vendor or customer, whose id the record has, refuses our invitation."""
    return network_life.happen(ctx, ctx.get(connections, party_id), "decline")


@connections.simulation(
    "network_invitation.expired",
    states=_OPEN,
    course="60 days after it was sent",
    evidence=documented("BILL reference: Send connection request"),
)
def expired(ctx: Ctx, party_id: str, details: NoDetails) -> Connection:
    """Nobody has answered our invitation to a vendor or customer, whose id the record has."""
    return network_life.happen(ctx, ctx.get(connections, party_id), "expire")


@connections.simulation(
    "network_connection.ended",
    states=when("status", {NetworkStatus.CONNECTED, NetworkStatus.CONNECTED_RPPS}),
    evidence=documented("BILL reference: Delete connection, seen from the other side"),
)
def ended(ctx: Ctx, party_id: str, details: NoDetails) -> Connection:
    """A vendor or customer, whose id the record has, ends the connection with us."""
    connection = ctx.get(connections, party_id)
    if network_life.money_under_way(ctx, connection):
        raise ValueError(f"payments to or from {party_id} are scheduled or in process")
    return network_life.happen(ctx, connection, "end")


class InvitingDetails(Details):
    """Who of the network invites us, and what it would be to us."""

    network_id: str
    type: Side


@organizations.simulation(
    "network_invitation.received",
    details=InvitingDetails,
    evidence=documented("BILL guide: Connect with a private organization in the BILL Network"),
)
def received(ctx: Ctx, organization_id: str, details: InvitingDetails) -> Organization:
    """An organization of the network invites ours, whose id the record has, to connect."""
    member = members().get(details.network_id)
    if member is None or member.network is not NetworkType.BILL:
        raise ValueError(f"networkId: {details.network_id} is not in the BILL network")
    inside = ctx.within(organization_id)
    if invitation_from(inside, member.id, details.type):
        raise ValueError(f"the invitation of {member.id} as a {details.type} is open already")
    network_life.receive(inside, member.id, details.type)
    return ctx.get(organizations, organization_id)
