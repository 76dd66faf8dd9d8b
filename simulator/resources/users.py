"""Users of an organization. Rows only; BILL's calls are a gap."""

from __future__ import annotations

from typing import Annotated

from simulator.core.context import Ctx
from simulator.core.resource import Resource
from simulator.core.roles import Role
from simulator.core.rows import Hidden, Instant, Row, Shape, shape


@shape
class RoleOfUser(Shape):
    """The role of a user: its id and type."""

    id: str
    type: Role


@shape
class User(Row):
    """A person who signs in."""

    id: str
    archived: bool
    first_name: str
    last_name: str
    email: str
    role: RoleOfUser
    created_time: Instant
    updated_time: Instant
    username: Annotated[str, Hidden]
    password: Annotated[str, Hidden]


users = Resource("users", "/v3/users", User, prefix="006")


def add(
    ctx: Ctx, *, first_name: str, last_name: str, email: str, role: RoleOfUser, password: str
) -> User:
    """Make a user who signs in with the e-mail as username."""
    now = ctx.record_time
    return ctx.put(
        users,
        User(
            id=ctx.new_id("006"),
            archived=False,
            first_name=first_name,
            last_name=last_name,
            email=email,
            role=role,
            created_time=now,
            updated_time=now,
            username=email,
            password=password,
        ),
    )


def named(ctx: Ctx, username: str) -> User | None:
    """The active user of the organization with that username (not case-sensitive)."""
    found = ctx.table(users).rows_with("username", _sign_in_name, username.lower())
    return next((user for user in found if not user.archived), None)


def _sign_in_name(user: User) -> str:
    return user.username.lower()
