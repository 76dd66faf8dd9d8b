"""Worlds of the pure core, called as an administrator would, and a state machine over one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine
from pydantic import TypeAdapter

from simulator import Behaviour, founding
from simulator.core.clock import Clock
from simulator.core.context import Ctx
from simulator.core.errors import Refusal
from simulator.core.events import Event
from simulator.core.roles import Role
from simulator.core.world import World
from simulator.resources.bank_accounts import bank_accounts
from simulator.resources.catalogue import operations, timer_handlers
from simulator.resources.users import users

# A Wednesday at 9 am in California.
START = datetime(2026, 6, 3, 16, tzinfo=UTC)


@dataclass(frozen=True)
class Administrator:
    """A signed-in caller with MFA trust."""

    user_id: str
    id: str = "session"
    role: Role = Role.ADMINISTRATOR
    trusted: bool = True


@cache
def _adapter(body: Any) -> TypeAdapter[Any]:
    return TypeAdapter(body)


class OneWorld:
    """Calls a world, and sees that refused calls leave it alone."""

    def enter(self, world: World) -> None:
        """Take up a founded world; the first thing that must be done."""
        self.world = world
        assert self.world.credentials is not None
        self.organization_id = self.world.credentials.organization_id
        ctx = self.context()
        self.caller = Administrator(
            next(user.id for user in ctx.table(users) if user.role.type is Role.ADMINISTRATOR)
        )
        account = next(iter(ctx.table(bank_accounts)))
        self.account = {"type": "BANK_ACCOUNT", "id": account.id}
        self.events: list[Event] = []
        self.world.subscribers.append(self.events.append)

    def context(self, caller: Administrator | None = None) -> Ctx:
        return Ctx(self.world, self.world.clock.now(), self.organization_id, caller)

    def everything(self) -> tuple[Any, ...]:
        """All that a refused call must leave as it is; the rows by identity."""
        tables = {key: list(table) for key, table in self.world.tables.items() if len(table)}
        counters = +Counter(self.world.counters)
        # A refused payment is told, too.
        told = sum(event.type != "payment.failed" for event in self.events)
        return tables, counters, self.world.next_due(), told

    def unchanged_since(self, before: tuple[Any, ...]) -> None:
        tables, *others = self.everything()
        assert others == list(before[1:])
        assert tables.keys() == before[0].keys()
        for key, rows in tables.items():
            assert [id(row) for row in rows] == [id(row) for row in before[0][key]], key

    def call(self, allowed: bool, key: str, *path: str, body: Any = None) -> Any:
        """Perform an operation. None if it is refused, which it must be unless `allowed`."""
        operation = operations()[key]
        arguments: list[Any] = list(path)
        if operation.query is not None:
            arguments.append(operation.query())
        if operation.body is not None:
            arguments.append(_adapter(operation.body).validate_python(body))
        before = self.everything()
        try:
            answer = self.world.perform(self.context(self.caller), operation.run, *arguments)
        except Refusal:
            if allowed:
                raise
            self.unchanged_since(before)
            return None
        assert allowed, answer
        return answer


class MachineOfOneWorld(OneWorld, RuleBasedStateMachine):
    """Makes a world that stands still."""

    def set_up_world(self, behaviour: Behaviour) -> None:
        """Found the world; the first thing that a machine must do."""
        clock = Clock(lambda: START, START)
        world = World("machine", 1, clock, timer_handlers(), behaviour)
        founding.found(world, *founding.keys(1, 0))
        self.enter(world)
