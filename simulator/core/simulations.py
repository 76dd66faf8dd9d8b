"""What BILL's side does to a record: declared by a resource, asked for by the control plane."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict
from pydantic.alias_generators import to_snake

from simulator.core.context import Ctx
from simulator.core.evidence import Evidence
from simulator.core.given import Given
from simulator.core.rows import Row

if TYPE_CHECKING:
    from simulator.core.resource import Resource


class Details(Given):
    """Base of the details of an event."""

    model_config = ConfigDict(allow_inf_nan=False)


class NoDetails(Details):
    """An event that needs nothing but its record."""


@dataclass(frozen=True, slots=True)
class States:
    """Where an event can happen: `values` of a record's `member`, which is named as BILL does."""

    member: str
    values: tuple[Any, ...]
    of: Callable[[Any], Any]

    @property
    def told(self) -> tuple[str, ...]:
        """The values in words, truth values as JSON writes them."""
        return tuple(map(_told, self.values))


def when(member: str, values: Iterable[Any], of: Callable[[Any], Any] | None = None) -> States:
    """Records whose `member` (`singleStatus`, `autoPay.enabled`) is one of `values`.

    `of` gives a record's value where the member does not stand in it under its own name.
    """
    path = ".".join(to_snake(part) for part in member.split("."))
    # Told in a fixed order, whatever collection they come in.
    return States(member, tuple(sorted(values)), of or attrgetter(path))


@dataclass(frozen=True, slots=True)
class Simulation:
    """Something BILL's side does to a record, on request of the control plane.

    `run` gets the `Ctx`, the record's id and the `details`. `states` is None where every
    state will do. `course` tells how it comes about by itself on the world's clock; empty
    if it does not.
    """

    event: str
    summary: str
    run: Callable[[Ctx, str, Any], Row]
    evidence: Evidence
    resource: Resource[Any]
    details: type[Details] = NoDetails
    states: States | None = None
    course: str = ""

    def happen(self, ctx: Ctx, row_id: str, details: Details) -> Row:
        """Let the event happen; returns the record after it.

        Raises ValueError if it cannot happen to the record as it is, and BDC_1205
        for an unknown id.
        """
        states = self.states
        if states is not None:
            value = states.of(ctx.get(self.resource, row_id))
            if value not in states.values:
                raise ValueError(
                    f"{self.event} cannot happen to {row_id}: its {states.member} is"
                    f" {_told(value)}, not {' or '.join(states.told)}"
                )
        return self.run(ctx, row_id, details)


def _told(value: Any) -> str:
    if value is None:
        return "absent"
    return str(value).lower() if isinstance(value, bool) else str(value)
