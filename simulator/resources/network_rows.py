"""The BILL network: who is in it, and how the organization is connected with whom."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated

from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented
from simulator.core.resource import Resource, Store
from simulator.core.rows import Answer, Hidden, Row, Shape, shape
from simulator.resources.vendor_rows import NetworkStatus

# BILL v2 reference: a search has so many hits at most.
MOST_HITS = 25
LEAST_LETTERS = 3


class NetworkType(StrEnum):
    """The networks: BILL's own, and that of verified national vendors."""

    BILL = "BILL"
    RPPS = "RPPS"


class Scope(StrEnum):
    """Which networks to search."""

    BILL = "BILL"
    RPPS = "RPPS"
    ALL = "ALL"


class Side(StrEnum):
    """What the other organization is to ours."""

    VENDOR = "VENDOR"
    CUSTOMER = "CUSTOMER"


class MemberType(StrEnum):
    """What a member of the network is."""

    BUSINESS = "BUSINESS"
    EMPLOYEE_OR_INDIVIDUAL = "EMPLOYEE_OR_INDIVIDUAL"
    UNDEFINED = "UNDEFINED"


@shape
class MemberAddress(Shape):
    """Where a member is."""

    line1: str
    line2: str | None = None
    city: str
    state_or_province: str | None = None
    zip_or_postal_code: str
    country: str


@shape
class Manager(Shape):
    """Who answers for a member."""

    name: str
    email: str
    email_domain: str


@shape
class Member(Answer):
    """An organization of the network; its id is the payment network id."""

    id: str
    name: str
    type: MemberType
    addresses: tuple[MemberAddress, ...]
    managed_by: Manager | None = None
    network: Annotated[NetworkType, Hidden]
    connects_at_once: Annotated[bool, Hidden]
    private: Annotated[bool, Hidden]
    # How the account numbers of a national vendor's customers begin.
    accounts: Annotated[str, Hidden]


@shape
class Connection(Row):
    """How the organization is connected with a vendor or customer, whose id it has."""

    id: str
    status: NetworkStatus
    network_id: str | None = None
    side: Annotated[Side, Hidden]
    # Which of the invitations to this vendor or customer is meant; it rises.
    turn: Annotated[int, Hidden] = 0


@shape
class Invitation(Row):
    """An invitation from an organization of the network, which would be our `side`."""

    id: str
    network_id: str
    side: Side
    turn: int


connections = Resource("network_connections", "/v3/network", Connection)
invitations = Store("network_invitations", Invitation)

connections.rule(
    "Every world has the same small network: organizations that connect at once, when they accept"
    " and under a private profile, and verified national vendors.",
    assumed("the sandbox has a small network of its own (documented), with other members"),
)


def _member(record: Mapping[str, str]) -> Member:
    email = record["email"]
    return Member(
        id=record["id"],
        name=record["name"],
        type=MemberType(record["type"]),
        addresses=(
            MemberAddress(
                line1=record["line1"],
                line2=record["line2"] or None,
                city=record["city"],
                state_or_province=record["state_or_province"],
                zip_or_postal_code=record["zip_or_postal_code"],
                country=record["country"],
            ),
        ),
        managed_by=Manager(
            name=record["manager"], email=email, email_domain=email.partition("@")[2]
        )
        if email
        else None,
        network=NetworkType(record["scope"]),
        connects_at_once=record["connects"] == "at once",
        private=record["profile"] == "private",
        accounts=record["accounts"],
    )


@cache
def members() -> Mapping[str, Member]:
    """The organizations of the network by their ids."""
    text = files("simulator").joinpath("data", "network.csv").read_text("utf-8")
    found = map(_member, csv.DictReader(text.splitlines()))
    return MappingProxyType({member.id: member for member in found})


@connections.rule(
    "A name of the BILL network is found by complete words of it and at least three letters, one"
    " of a national vendor by any part; private profiles are never found, hits are 25 at most.",
    documented("BILL reference: Search the BILL Network; the 25 are v2's"),
)
@connections.rule(
    "accountNumber narrows national vendors to those whose customers have such numbers.",
    assumed("BILL says that it narrows them, not by what"),
)
def search(
    name: str, scope: Scope, postcode: str | None, account_number: str | None
) -> Iterator[Member]:
    """The members that fit, in a fixed order."""
    wanted = name.casefold()
    for member in members().values():
        if member.private or scope not in (Scope.ALL, member.network.value):
            continue
        if postcode and not member.addresses[0].zip_or_postal_code.startswith(postcode):
            continue
        its_name = member.name.casefold()
        if member.network is NetworkType.RPPS:
            number_fits = not account_number or account_number.startswith(member.accounts)
            fits = wanted.strip() in its_name and number_fits
        else:
            words = wanted.split()
            fits = len(name.strip()) >= LEAST_LETTERS and set(words) <= set(its_name.split())
        if fits:
            yield member


def connection_of(ctx: Ctx, party_id: str, side: Side) -> Connection:
    """The connection with a vendor or customer; one that never was is NOT_CONNECTED."""
    found = ctx.find(connections, party_id)
    return found or Connection(id=party_id, status=NetworkStatus.NOT_CONNECTED, side=side)


def is_connected(ctx: Ctx, party_id: str) -> bool:
    """Whether a vendor or customer is connected in one of the networks."""
    found = ctx.find(connections, party_id)
    connected = (NetworkStatus.CONNECTED, NetworkStatus.CONNECTED_RPPS)
    return found is not None and found.status in connected


def invitation_from(ctx: Ctx, network_id: str, side: Side) -> Invitation | None:
    """The open invitation from a member of the network, or None."""
    return ctx.find(invitations, invitation_id(network_id, side))


def invitation_id(network_id: str, side: Side) -> str:
    """A member may invite as a vendor and as a customer, each once at a time."""
    return f"{side}:{network_id}"
