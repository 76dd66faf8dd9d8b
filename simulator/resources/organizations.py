"""Organizations: the companies of a world. Rows only; BILL's calls are a gap."""

from __future__ import annotations

from simulator.core.context import Ctx
from simulator.core.resource import Resource
from simulator.core.rows import Instant, Row, shape


@shape
class Organization(Row):
    """A company that signs in to BILL."""

    id: str
    archived: bool
    name: str
    created_time: Instant
    updated_time: Instant


organizations = Resource(
    "organizations", "/v3/organizations", Organization, prefix="008", shared=True
)


def found(ctx: Ctx, name: str) -> Organization:
    """Make an organization."""
    now = ctx.record_time
    return ctx.put(
        organizations,
        Organization(
            id=ctx.new_id("008"), archived=False, name=name, created_time=now, updated_time=now
        ),
    )
