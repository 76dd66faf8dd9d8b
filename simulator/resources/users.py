"""Users of an organization and their roles. /v3/users, /v3/roles"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from simulator.core.body import Body, NotBlank, Text
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented, observed
from simulator.core.listing import BOOLEAN, INSTANT, TEXT, enumeration, filter_field
from simulator.core.resource import Resource
from simulator.core.roles import ADMINISTRATORS, Role
from simulator.core.rows import Hidden, Instant, Row, Shape, changed, shape
from simulator.resources.sessions import follow

FirstName = Annotated[NotBlank, Field(max_length=100)]
LastName = Annotated[Text, Field(max_length=100)]


class UserCreate(Body):
    """A new user; without a roleId an administrator."""

    first_name: FirstName
    last_name: Annotated[NotBlank, Field(max_length=100)]
    email: NotBlank
    role_id: Text | None = None
    accept_terms_of_service: bool


class UserPatch(Body):
    """The members of a user that change; the email is not one of them."""

    first_name: FirstName | None = None
    last_name: Annotated[NotBlank, Field(max_length=100)] | None = None
    role_id: NotBlank | None = None


@shape
class RoleOfUser(Shape):
    """The role of a user: its id and type."""

    id: str
    type: Role
    description: str | None = None


@shape
class UserRole(Row):
    """A role that users of an organization may have."""

    id: str
    type: Role
    description: str
    created_time: Instant
    updated_time: Instant


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
roles = Resource("roles", "/v3/roles", UserRole, prefix="0po")

_TIME_OPS = "gt gte lt lte"
USER_FILTERS = (
    filter_field("id", TEXT, "eq ne in"),
    filter_field("archived", BOOLEAN, "eq ne"),
    filter_field("email", TEXT, "eq"),
    filter_field("role.id", TEXT, "eq ne in"),
    filter_field("role.type", enumeration(Role), "eq ne in"),
    filter_field("createdTime", INSTANT, _TIME_OPS),
    filter_field("updatedTime", INSTANT, _TIME_OPS),
)
USER_SORTS = (
    filter_field("archived", BOOLEAN),
    filter_field("firstName", TEXT),
    filter_field("lastName", TEXT),
    filter_field("createdTime", INSTANT),
    filter_field("updatedTime", INSTANT),
)
ROLE_FILTERS = (
    filter_field("id", TEXT, "eq ne in"),
    filter_field("type", enumeration(Role), "eq ne in"),
)
ROLE_SORTS = (
    filter_field("description", TEXT),
    filter_field("createdTime", INSTANT),
    filter_field("updatedTime", INSTANT),
)

users.listed(
    filters=USER_FILTERS,
    sorts=USER_SORTS,
    evidence=observed("one client filters by role.type; the sorts are BILL's guide"),
)
users.retrieve("userId", evidence=documented("BILL reference: Get user details"))
roles.listed(
    filters=ROLE_FILTERS,
    sorts=ROLE_SORTS,
    evidence=documented("BILL guide: Sortable fields; the filterable ones are assumed"),
)
roles.retrieve("roleId", evidence=documented("BILL reference: Get user role details"))
roles.rule(
    "An organization has the six default roles, made in one second with rising ids in the order of"
    " their names.",
    observed("a recorded sandbox list"),
)

_DESCRIPTIONS = {
    Role.ACCOUNTANT: "Accountant",
    Role.ADMINISTRATOR: "Administrator",
    Role.APPROVER: "Approver",
    Role.AUDITOR: "Auditor",
    Role.CLERK: "Clerk",
    Role.PAYER: "Payer",
}


def add_roles(ctx: Ctx) -> dict[Role, RoleOfUser]:
    """Give an organization its six roles."""
    now = ctx.record_time
    made = {}
    for role, description in _DESCRIPTIONS.items():
        row = UserRole(
            id=ctx.new_id(roles.prefix),
            type=role,
            description=description,
            created_time=now,
            updated_time=now,
        )
        ctx.put(roles, row)
        made[role] = _role_of_user(row)
    return made


def _role_of_user(row: UserRole) -> RoleOfUser:
    return RoleOfUser(id=row.id, type=row.type, description=row.description)


def add(
    ctx: Ctx,
    *,
    first_name: str,
    last_name: str,
    email: str,
    role: RoleOfUser,
    password: str,
    username: str | None = None,
) -> User:
    """Make a user, who signs in with the e-mail unless a username is given."""
    now = ctx.record_time
    return ctx.put(
        users,
        User(
            id=ctx.new_id(users.prefix),
            archived=False,
            first_name=first_name,
            last_name=last_name,
            email=email,
            role=role,
            created_time=now,
            updated_time=now,
            username=username or email,
            password=password,
        ),
    )


def named(ctx: Ctx, username: str) -> User | None:
    """The active user of the organization with that username (not case-sensitive)."""
    found = ctx.table(users).rows_with("username", _sign_in_name, username.lower())
    return next((user for user in found if not user.archived), None)


def _sign_in_name(user: User) -> str:
    return user.username.lower()


def chosen_role(ctx: Ctx, role_id: str | None) -> RoleOfUser:
    """The role with that id, or Administrator if none is asked for."""
    if role_id is not None:
        return _role_of_user(ctx.get(roles, role_id))
    administrator = next(row for row in ctx.table(roles) if row.type is Role.ADMINISTRATOR)
    return _role_of_user(administrator)


def new_user(
    ctx: Ctx,
    *,
    first_name: str,
    last_name: str,
    email: str,
    role_id: str | None,
    username: str | None = None,
) -> User:
    """Make a user on request; refuses a sign-in name that is taken. Sends the mail."""
    if named(ctx, username or email):
        raise refuse("user.duplicate", name=username or email)
    password = ctx.word("password", 16)
    user = add(
        ctx,
        first_name=first_name,
        last_name=last_name,
        email=email,
        role=chosen_role(ctx, role_id),
        password=password,
        username=username,
    )
    ctx.send("email", email, f"Complete your BILL sign-up. Password: {password}")
    return user


@users.rule(
    "A new user gets a mail and may sign in with the password in it.",
    assumed("BILL's mail asks to complete the sign-up in the web app; there is none here"),
)
@users.operation(
    "POST",
    "",
    status=201,
    body=UserCreate,
    roles=ADMINISTRATORS,
    evidence=documented("BILL reference: Create a user (Administrator only)"),
)
def create(ctx: Ctx, body: UserCreate) -> User:
    """Create a user."""
    if not body.accept_terms_of_service:
        raise refuse("field.true", field="acceptTermsOfService")
    return new_user(
        ctx,
        first_name=body.first_name,
        last_name=body.last_name,
        email=body.email,
        role_id=body.role_id,
    )


def keep_an_administrator(ctx: Ctx, user: User) -> None:
    """Refuse that `user` stops being an administrator if no other one is left."""
    others = (
        other
        for other in ctx.table(users)
        if other.role.type is Role.ADMINISTRATOR and not other.archived and other.id != user.id
    )
    if user.role.type is Role.ADMINISTRATOR and not any(others):
        raise refuse("user.last_administrator", id=user.id)


@users.rule(
    "At least one active administrator must stay.",
    documented("BILL Help Center: user roles; code unknown"),
)
@users.operation(
    "PATCH",
    "/{userId}",
    body=UserPatch,
    roles=ADMINISTRATORS,
    evidence=documented("BILL reference: Update a user (names and role, no email)"),
)
def update(ctx: Ctx, user_id: str, body: UserPatch) -> User:
    """Change the names or role of a user."""
    user = ctx.get(users, user_id)
    new: dict[str, Any] = {name: getattr(body, name) for name in body.given - {"role_id"}}
    if body.role_id is not None:
        new["role"] = chosen_role(ctx, body.role_id)
        if new["role"].type is not Role.ADMINISTRATOR:
            keep_an_administrator(ctx, user)
        follow(ctx, user_id, new["role"].type)
    return ctx.put(users, changed(user, **new, updated_time=ctx.record_time))


@users.rule(
    "A user is not restored while another one has the sign-in name.",
    assumed("a name of an archived user may be given again; two users cannot share it"),
)
def _store_switched(ctx: Ctx, user: User, old: User) -> User:
    """Keep a user that was just archived, and so signed out, or restored."""
    if user.archived:
        follow(ctx, user.id, None)
    elif named(ctx, user.username):
        raise refuse("user.duplicate", name=user.username)
    return ctx.put(users, user)


switch_user = users.archive_restore(
    "userId", roles=ADMINISTRATORS, before_archive=keep_an_administrator, store=_store_switched
)
