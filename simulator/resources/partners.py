"""What a partner does for its organizations. /v3/partner"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, TypeVar

from pydantic import Field

from simulator.core.body import Body, NotBlank, Text
from simulator.core.context import Ctx
from simulator.core.errors import Refusal, refuse
from simulator.core.evidence import assumed, documented
from simulator.core.listing import BOOLEAN, INSTANT, TEXT, Grammar, ListQuery, filter_field
from simulator.core.resource import Access, Listed, Resource
from simulator.core.roles import Role
from simulator.core.rows import Answer, Hidden, Row, changed, shape
from simulator.resources import mfa, organizations, sync_tokens, users
from simulator.resources.organizations import Organization, OrganizationCreate, PlanType
from simulator.resources.sessions import SessionKind, open_session
from simulator.resources.users import User, UserRole

T = TypeVar("T")


class PartnerLogin(Body):
    """A partner's credentials."""

    username: NotBlank
    password: NotBlank
    app_key: NotBlank

    @property
    def key(self) -> str:
        """The appKey that the session is bound to."""
        return self.app_key


class LoginAsUser(Body):
    """As whom to sign in, and where."""

    user_id: NotBlank
    organization_id: NotBlank
    remember_me_id: Text | None = None
    device: Text | None = None


class PartnerUserCreate(Body):
    """A new user of a partner's organization, who signs in with the username."""

    first_name: users.FirstName
    last_name: users.LastName | None = None
    email: NotBlank
    username: Annotated[NotBlank, Field(max_length=40)]
    role_id: Text | None = None
    accept_terms_of_service: bool


class PartnerUserPatch(users.UserPatch):
    """The members of a user that a partner may change: the email is one of them."""

    last_name: users.LastName | None = None
    email: NotBlank | None = None


class PlanBody(Body):
    """Which price plan."""

    price_plan_type: PlanType


@shape
class Partner(Row):
    """A partner account of the world."""

    id: str
    name: str
    username: str
    password: Annotated[str, Hidden]


@shape
class PartnerSession(Answer):
    """A partner's session."""

    session_id: str


@shape
class UserSession(Answer):
    """A session of one of the partner's users."""

    session_id: str
    trusted: bool


@shape
class PlanAnswer(Answer):
    """The plan was changed."""

    status: str


partners = Resource("partners", "/v3/partner", Partner, shared=True)
partner_organizations = Resource(
    "organizations", "/v3/partner/organizations", Organization, shared=True
)
partner_users = Resource("users", "/v3/partner/users", User)
partner_roles = Resource("roles", "/v3/partner/roles", UserRole)
_USERS = documented("BILL guide: Users for BILL partners; reference: partner users")


def add(ctx: Ctx, name: str, username: str) -> Partner:
    """Give a world its partner account."""
    partner = Partner(
        id=ctx.new_id(users.users.prefix),
        name=name,
        username=username,
        password=ctx.word("password", 16),
    )
    return ctx.put(partners, partner)


@partners.rule(
    "Wrong passwords do not lock a partner's sign-in.",
    assumed("the Help Center tells of a lock for users alone"),
)
@partners.operation(
    "POST",
    "/login",
    body=PartnerLogin,
    access=Access.PARTNER_SIGN_IN,
    evidence=documented("BILL reference: API partner login (the appKey stands in the body)"),
)
def login(ctx: Ctx, body: PartnerLogin) -> PartnerSession | Refusal:
    """Sign in as a partner."""
    for partner in ctx.table(partners):
        if (partner.username, partner.password) == (body.username, body.password):
            session = open_session(
                ctx,
                user_id=partner.id,
                role=Role.ADMINISTRATOR,
                organization_id="",
                key=body.app_key,
                kind=SessionKind.PARTNER,
            )
            return PartnerSession(session_id=session.id)
    raise refuse("BDC_1101", http_status=ctx.behaviour.wrong_password_status)


@partners.rule(
    "A session of login-as-user works with the devKey of its first call.",
    assumed("no devKey is given at that login"),
)
@partners.operation(
    "POST",
    "/login-as-user",
    body=LoginAsUser,
    access=Access.PARTNER,
    evidence=documented("BILL reference: API login as user"),
)
def login_as_user(ctx: Ctx, body: LoginAsUser) -> UserSession:
    """Sign in to an organization as one of its users."""
    inside = _inside(ctx, body.organization_id)
    user = inside.get(users.users, body.user_id)
    if user.archived:
        raise refuse("BDC_1111", user=user.username, organization=body.organization_id)
    trusted = mfa.remembers(inside, user.id, body.remember_me_id, body.device)
    session = open_session(
        ctx,
        user_id=user.id,
        role=user.role.type,
        organization_id=body.organization_id,
        key=None,
        trusted=trusted,
    )
    return UserSession(session_id=session.id, trusted=trusted)


def _inside(ctx: Ctx, organization_id: str) -> Ctx:
    """The operation seen from one of the partner's organizations. Raises BDC_1123."""
    if ctx.find(organizations.organizations, organization_id) is None:
        raise refuse("BDC_1123")
    return ctx.within(organization_id)


_ORGANIZATIONS = Grammar.of(
    filters=(
        filter_field("id", TEXT, "eq ne in"),
        filter_field("archived", BOOLEAN, "eq ne"),
        filter_field("name", TEXT, "eq sw"),
    ),
    sorts=(
        filter_field("name", TEXT),
        filter_field("createdTime", INSTANT),
        filter_field("updatedTime", INSTANT),
    ),
)


@partner_organizations.operation(
    "GET",
    "",
    listing=_ORGANIZATIONS,
    access=Access.PARTNER,
    evidence=documented("BILL reference: Get list of organizations (partner)"),
)
def list_organizations(ctx: Ctx, listing: ListQuery) -> Listed:
    """List the organizations of the world."""
    return partner_organizations.page(ctx, _ORGANIZATIONS, listing)


@partner_organizations.operation(
    "POST",
    "",
    status=201,
    body=OrganizationCreate,
    access=Access.PARTNER,
    evidence=documented("BILL reference: Create an organization (partner)"),
)
def create_organization(ctx: Ctx, body: OrganizationCreate) -> Organization:
    """Create an organization with the six roles and no users."""
    partner = ctx.get(partners, ctx.user_id or "")
    organization = organizations.found(ctx, body, partner_name=partner.name)
    inside = ctx.within(organization.id)
    users.add_roles(inside)
    sync_tokens.add(inside)
    return organization


@partner_organizations.operation(
    "PATCH",
    "/{organizationId}/price-plan",
    body=PlanBody,
    access=Access.PARTNER,
    evidence=documented("BILL reference: Update an organization price plan"),
)
def change_plan(ctx: Ctx, organization_id: str, body: PlanBody) -> PlanAnswer:
    """Change the price plan of an organization."""
    old = ctx.get(organizations.organizations, organization_id)
    new = changed(old, plan=body.price_plan_type, updated_time=ctx.record_time)
    ctx.put(organizations.organizations, new)
    return PlanAnswer(status="SUCCESS")


def in_named(run: Callable[..., T]) -> Callable[..., T]:
    """Run an operation inside the organization that the organizationId header names."""

    @wraps(run)
    def inside(ctx: Ctx, *arguments: Any) -> T:
        if not ctx.organization_id:
            raise refuse("header.missing", field="organizationId")
        return run(_inside(ctx, ctx.organization_id), *arguments)

    return inside


def _list_users(ctx: Ctx, listing: ListQuery) -> Listed:
    """List the users of an organization."""
    return users.users.page(ctx, _PARTNER_USERS, listing)


def _list_roles(ctx: Ctx, listing: ListQuery) -> Listed:
    """List the roles of an organization."""
    return users.roles.page(ctx, _PARTNER_ROLES, listing)


def _get_user(ctx: Ctx, user_id: str) -> User:
    """Get a user of an organization."""
    return ctx.get(users.users, user_id)


def _get_role(ctx: Ctx, role_id: str) -> UserRole:
    """Get a role of an organization."""
    return ctx.get(users.roles, role_id)


@partner_users.rule(
    "The username of a partner's user is used once in all organizations, in any case of letters.",
    documented("BILL reference: Create a user (partner)"),
)
def _create_user(ctx: Ctx, body: PartnerUserCreate) -> User:
    """Create a user of an organization."""
    if not body.accept_terms_of_service:
        raise refuse("field.true", field="acceptTermsOfService")
    for organization in ctx.table(organizations.organizations):
        if users.named(ctx.within(organization.id), body.username):
            raise refuse("user.duplicate", name=body.username)
    return users.new_user(
        ctx,
        first_name=body.first_name,
        last_name=body.last_name or "",
        email=body.email,
        role_id=body.role_id,
        username=body.username,
    )


def _update_user(ctx: Ctx, user_id: str, body: PartnerUserPatch) -> User:
    """Change a user of an organization; a partner may change the email."""
    return users.update(ctx, user_id, body)


def _archive_user(ctx: Ctx, user_id: str) -> User:
    """Archive a user of an organization."""
    return users.switch_user(ctx, user_id, True)


def _restore_user(ctx: Ctx, user_id: str) -> User:
    """Restore a user of an organization."""
    return users.switch_user(ctx, user_id, False)


_PARTNER_USERS = Grammar.of(users.USER_FILTERS, users.USER_SORTS)
_PARTNER_ROLES = Grammar.of(users.ROLE_FILTERS, users.ROLE_SORTS)
_PARTNER: dict[str, Any] = {
    "access": Access.PARTNER,
    "headers": ("organizationId",),
    "evidence": _USERS,
}
partner_users.operation("GET", "", listing=_PARTNER_USERS, **_PARTNER)(in_named(_list_users))
partner_users.operation("POST", "", status=201, body=PartnerUserCreate, **_PARTNER)(
    in_named(_create_user)
)
partner_users.operation("GET", "/{userId}", **_PARTNER)(in_named(_get_user))
partner_users.operation("PATCH", "/{userId}", body=PartnerUserPatch, **_PARTNER)(
    in_named(_update_user)
)
partner_users.operation("POST", "/{userId}/archive", **_PARTNER)(in_named(_archive_user))
partner_users.operation("POST", "/{userId}/restore", **_PARTNER)(in_named(_restore_user))
partner_roles.operation("GET", "", listing=_PARTNER_ROLES, **_PARTNER)(in_named(_list_roles))
partner_roles.operation("GET", "/{roleId}", **_PARTNER)(in_named(_get_role))

partners.rule(
    "A partner sees every organization of its world; an organization's session at a partner call,"
    " and a partner's session at an organization's call, is 403 BDC_1106.",
    assumed("BILL's code for a mismatch of partner and organization; its use here is inferred"),
)
