"""The life of a connection in the BILL network: invited, connected, ended, expired."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter

from simulator.core.bankdays import add_bank_days, pacific_instant
from simulator.core.body import masked
from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented, observed
from simulator.core.ids import DIGITS
from simulator.core.rows import changed
from simulator.core.states import Machine, move
from simulator.resources.bill_rows import Bucket
from simulator.resources.network_rows import (
    Connection,
    Invitation,
    Side,
    connections,
    invitation_id,
    invitations,
)
from simulator.resources.payment_rows import bucket_of, payments
from simulator.resources.received_payments import ReceivedStatus, received_payments
from simulator.resources.vendor_bank_accounts import with_bank_account
from simulator.resources.vendor_rows import NetworkStatus, Vendor, VendorBankAccount, vendors

# BILL reference: an invitation that nobody answers expires.
LIFE = timedelta(days=60)

S = NetworkStatus
_REFERENCE = documented("BILL reference: Send connection request, Delete connection")

machine = connections.machine(
    Machine(
        "network connection",
        (
            move("invite", {S.NOT_CONNECTED}, S.PENDING, _REFERENCE),
            move("connect", {S.NOT_CONNECTED, S.PENDING}, S.CONNECTED, _REFERENCE),
            move("connect nationally", {S.NOT_CONNECTED}, S.CONNECTED_RPPS,
                 documented("BILL changelog 2024-05-06 for the value")),
            move("decline", {S.PENDING}, S.NOT_CONNECTED,
                 assumed("BILL tells of accepting alone; a refused request is one no more")),
            move("expire", {S.PENDING}, S.NOT_CONNECTED, _REFERENCE),
            move("end", {S.PENDING, S.CONNECTED, S.CONNECTED_RPPS}, S.NOT_CONNECTED, _REFERENCE),
        ),
    )
)  # fmt: skip


@connections.rule(
    "A vendor's networkStatus follows its connection; vendor.updated tells when it is connected and"
    " when the connection ends, not when it is invited.",
    documented("BILL guide: Vendor webhook notification payloads"),
)
def happen(
    ctx: Ctx, connection: Connection, event: str, network_id: str | None = None
) -> Connection:
    """Let `event` of the machine happen, `network_id` being the other side's.

    Raises ValueError if it cannot happen to the connection as it is.
    """
    status = machine.follow(event, connection.status)
    new = ctx.put(
        connections,
        changed(
            connection,
            status=status,
            network_id=None if status is S.NOT_CONNECTED else network_id or connection.network_id,
            turn=connection.turn + 1,
        ),
    )
    if connection.side is Side.VENDOR:
        _follow(ctx, new, connection.status)
    return new


def _follow(ctx: Ctx, connection: Connection, old: NetworkStatus) -> None:
    """Show a vendor as its connection is."""
    vendor = ctx.get(vendors, connection.id)
    status = connection.status
    account = vendor.payment_information.bank_account
    if account and account.linked:
        account = None
    if status is S.CONNECTED and account is None:
        account = _linked(ctx, vendor)
    national = status is S.CONNECTED_RPPS
    vendor = changed(
        vendor,
        network_status=status,
        payment_network_id=connection.network_id if status is S.CONNECTED else None,
        rpps_id=connection.network_id if national else None,
        updated_time=ctx.record_time,
    )
    ctx.put(vendors, with_bank_account(vendor, account))
    if {status, old} != {S.NOT_CONNECTED, S.PENDING}:
        ctx.emit("vendor.updated", ctx.get(vendors, vendor.id))


@connections.rule(
    "A vendor connected in the BILL network shows the bank account that it has there.",
    observed("one client's connected vendor; its number is assumed"),
)
def _linked(ctx: Ctx, vendor: Vendor) -> VendorBankAccount:
    return VendorBankAccount(
        id=vendor.id,
        name_on_account=vendor.name,
        account_number=masked(ctx.word("linked-account", 9, DIGITS)),
        created=ctx.now,
        linked=True,
    )


def invite(ctx: Ctx, connection: Connection, email: str, network_id: str | None) -> Connection:
    """Ask somebody to connect, and wait for the answer."""
    waiting = happen(ctx, connection, "invite", network_id)
    ctx.send("email", email, "You are invited to connect in the BILL network.")
    turn = str(waiting.turn)
    ctx.schedule(ctx.now + LIFE, "network_invitation.expired", waiting.id, turn)
    if ctx.behaviour.network_invitations == "accepted":
        at = pacific_instant(add_bank_days(ctx.today, 1), 6)
        ctx.schedule(at, "network_invitation.accepted", waiting.id, turn)
    return waiting


def accepted(ctx: Ctx, connection: Connection) -> Connection:
    """The other side accepts; who was not in the network yet gets an id there."""
    network_id = connection.network_id or ctx.word("network", 16, DIGITS)
    return happen(ctx, connection, "connect", network_id)


def _waiting(ctx: Ctx, party_id: str, turn: str) -> Connection | None:
    """The connection that still waits for the answer to that very invitation."""
    found = ctx.get(connections, party_id)
    return found if found.status is S.PENDING and found.turn == int(turn) else None


@connections.timer("network_invitation.expired")
def when_expired(ctx: Ctx, party_id: str, turn: str) -> None:
    """Sixty days after an invitation that nobody answered it expires."""
    connection = _waiting(ctx, party_id, turn)
    if connection:
        happen(ctx, connection, "expire")


@connections.timer("network_invitation.accepted")
def when_accepted(ctx: Ctx, party_id: str, turn: str) -> None:
    """The bank day after an invitation it is accepted, if the setting says so."""
    connection = _waiting(ctx, party_id, turn)
    if connection:
        accepted(ctx, connection)


def receive(ctx: Ctx, network_id: str, side: Side) -> Invitation:
    """Somebody of the network, who would be our `side`, asks us to connect."""
    invitation = ctx.put(
        invitations,
        Invitation(
            id=invitation_id(network_id, side),
            network_id=network_id,
            side=side,
            turn=ctx.number("network-invitation"),
        ),
    )
    ctx.schedule(ctx.now + LIFE, "network_invitation.lapsed", invitation.id, str(invitation.turn))
    return invitation


@connections.timer("network_invitation.lapsed")
def when_lapsed(ctx: Ctx, an_id: str, turn: str) -> None:
    """Sixty days after an invitation that we did not answer it expires."""
    found = ctx.find(invitations, an_id)
    if found and found.turn == int(turn):
        ctx.drop(invitations, an_id)


@connections.rule(
    "A connection with payments that are scheduled or in process, to a vendor or from a customer,"
    " is not ended by either side.",
    documented("BILL reference: Delete connection, for our side; the other one's is assumed"),
)
def money_under_way(ctx: Ctx, connection: Connection) -> bool:
    """Whether payments to or from the other side are not at their end."""
    if connection.side is Side.VENDOR:
        ours = ctx.table(payments).rows_with("vendorId", attrgetter("vendor_id"), connection.id)
        under_way = (Bucket.SCHEDULED, Bucket.IN_PROCESS)
        return any(bucket_of(payment.single_status) in under_way for payment in ours)
    by_customer = attrgetter("customer_id")
    theirs = ctx.table(received_payments).rows_with("customerId", by_customer, connection.id)
    return any(payment.status is ReceivedStatus.SCHEDULED for payment in theirs)
