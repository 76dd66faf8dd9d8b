"""The records and people of a world by the keys of its scenario, and how somebody acts there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from simulator.core.context import Ctx
from simulator.core.errors import Refusal, refuse
from simulator.core.resource import Resource, Store
from simulator.core.rows import Row, shape
from simulator.core.tables import Table
from simulator.core.world import World
from simulator.resources.bank_accounts import bank_accounts
from simulator.resources.catalogue import RESOURCES, operations
from simulator.resources.sessions import Session, SessionKind
from simulator.resources.users import users
from simulator.scenarios.references import resolved


@shape
class Named(Row):
    """A record that a scenario has a key for: the row's id."""

    id: str
    resource: str
    record_id: str


named = Store("scenario_records", Named, shared=True)


@cache
def resources() -> Mapping[str, Resource[Any]]:
    """Every resource by its name; of several with one table the first."""
    found: dict[str, Resource[Any]] = {}
    for one in RESOURCES:
        found.setdefault(one.name, one)
    return found


class UnknownKey(LookupError):
    """No record has that key, yet or at all."""


class Cast:
    """Who and what is in a world, by key. Records of the only organization, unless shared."""

    def __init__(self, world: World) -> None:
        assert world.credentials is not None
        self.world = world
        self.organization_id = world.credentials.organization_id

    def keys(self) -> dict[str, str]:
        """The id of every record that has a key, by key."""
        found = {"organization": self.organization_id}
        for user in self._rows(users.name):
            found.setdefault(user.role.type.value.lower(), user.id)
        for account in self._rows(bank_accounts.name):
            found.setdefault("checking", account.id)
        found.update((row.id, row.record_id) for row in self.world.table(named.name, ""))
        return found

    def _rows(self, resource: str) -> Table[Any]:
        return self.world.table(resource, self.organization_id)

    def id_of(self, key: str) -> str:
        """The id of the record with that key. Raises UnknownKey."""
        found = self.world.table(named.name, "").find(key)
        if found is not None:
            return str(found.record_id)
        known = self.keys().get(key)
        if known is None:
            raise UnknownKey(f"there is no record {key!r} yet")
        return known

    def call_it(self, key: str, record_id: str) -> None:
        """Give a record its key."""
        resource, _ = self.find(record_id) or ("", None)
        row = Named(id=key, resource=resource, record_id=record_id)
        self.world.table(named.name, "").put(row)

    def find(self, record_id: str) -> tuple[str, Row] | None:
        """The resource and row of an id, or None."""
        for (resource, _), table in self.world.tables.items():
            row = table.find(record_id)
            if row is not None and resource in resources():
                return resource, row
        return None

    def wire(self, resource: str, row: Row) -> Any:
        """A record as BILL answers it, decoded; with all that is told by get and list."""
        ctx = Ctx(self.world, self.world.clock.now(), self.organization_id)
        return json.loads(resources()[resource].wire(ctx, row, reading=True))

    def records(self, resource: str) -> list[Row]:
        """The rows of a resource, in the order of their making."""
        shared = resources()[resource].shared
        return list(self.world.table(resource, "" if shared else self.organization_id))

    def look_up(self, key: str, member: str) -> Any:
        """What `${key}` or `${key.member}` stands for. Raises UnknownKey."""
        record_id = self.id_of(key)
        if not member:
            return record_id
        found = self.find(record_id)
        if found is None:
            raise UnknownKey(f"the record {key!r} is gone")
        value = self.wire(*found)
        for step in member.split("."):
            try:
                value = value[int(step)] if isinstance(value, list) else value[step]
            except (LookupError, TypeError, ValueError):
                raise UnknownKey(f"{key!r} has no member {member}") from None
        return value

    def act(self, by: str, operation: str, path: Mapping[str, str], body: Any) -> Any:
        """Let a user call an operation, with references in what it sends; the answer.

        Raises Refusal as BILL would, and UnknownKey.
        """
        found = operations()[operation]
        user = self._rows(users.name).find(self.id_of(by))
        if user is None:
            raise UnknownKey(f"{by!r} is no user")
        session = Session(
            id="",
            kind=SessionKind.USER,
            organization_id=self.organization_id,
            user_id=user.id,
            role=user.role.type,
            key=None,
            trusted=True,
        )
        if user.archived or session.role not in found.roles:
            raise refuse("BDC_1145")
        ctx = Ctx(self.world, self.world.clock.now(), self.organization_id, session)
        arguments: list[Any] = [str(resolved(value, self.look_up)) for value in path.values()]
        if found.query is not None:
            arguments.append(found.query())
        if found.idempotent:
            arguments.append(ctx.new_uuid("scenario"))
        if found.body is not None:
            arguments.append(_body(found.body, resolved(body, self.look_up)))
        answer = self.world.perform(ctx, found.run, *arguments)
        if isinstance(answer, Refusal):
            raise answer
        return answer


@cache
def _adapter(body: Any) -> TypeAdapter[Any]:
    return TypeAdapter(body)


def _body(kind: Any, value: Any) -> Any:
    try:
        return _adapter(kind).validate_python(value, by_alias=True, by_name=False)
    except ValidationError as failure:
        error = failure.errors(include_url=False)[0]
        told = f"{'.'.join(map(str, error['loc']))}: {error['msg']}"
        raise refuse("json.malformed", problem=told) from None
