"""Sync tokens: a name and a value that sign in like username and password.

They are made in BILL's web app; every organization of a world has one.
"""

from __future__ import annotations

from typing import Annotated

from simulator.core.context import Ctx
from simulator.core.evidence import documented
from simulator.core.resource import Resource
from simulator.core.rows import Hidden, Row, shape


@shape
class SyncToken(Row):
    """A token; its id is that of a system user (`syu`)."""

    id: str
    name: str
    value: Annotated[str, Hidden]


sync_tokens = Resource("sync_tokens", "", SyncToken, prefix="syu")
sync_tokens.rule(
    "A sync token signs in with its name as username and its value as password; the session is"
    " never trusted and may read and write what an administrator may, but for MFA and payments.",
    documented("BILL docs, token-based sign-in; its exact table of permissions was not seen"),
)


def add(ctx: Ctx) -> SyncToken:
    """Give an organization its token."""
    token = SyncToken(
        id=ctx.new_id(sync_tokens.prefix), name="sync-token", value=ctx.word("sync-token", 32)
    )
    return ctx.put(sync_tokens, token)


def matching(ctx: Ctx, name: str, value: str | None) -> SyncToken | None:
    """The organization's token with that name and value, or None."""
    for token in ctx.table(sync_tokens):
        if (token.name, token.value) == (name, value):
            return token
    return None
