"""Trouble on request: refusals, delays and cut connections that a caller asked for."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from simulator.core import ids
from simulator.core.errors import CATALOGUE, refuse
from simulator.core.given import Given
from simulator.core.rows import camel

# By this a call asks for a fault of its own, in worlds whose settings let it.
FAULT_HEADER = "X-Sim-Fault"


class Drop(StrEnum):
    """When the connection is cut: before or after the work was done."""

    BEFORE = "before"
    AFTER = "after"


class Handling(StrEnum):
    """What a notification suffers: told twice, after later ones, or never."""

    DUPLICATE = "duplicate"
    REORDER = "reorder"
    DROP = "drop"


def _code(value: str) -> str:
    if not value.startswith("BDC_") or value not in CATALOGUE:
        raise PydanticCustomError("code", "is no code of BILL that is known here")
    return value


class Match(Given):
    """Which calls, or the notifications of which `event`; without members, all.

    `path` is BILL's; `*` stands for anything, in an event as well (`bill.*`).
    """

    method: str | None = None
    path: str | None = None
    event: str | None = None

    def fits(self, method: str, template: str, path: str) -> bool:
        """Whether a call of `method` to `path`, an instance of BILL's `template`, is meant."""
        if self.method is not None and self.method.upper() != method:
            return False
        if self.path is None:
            return True
        wanted = self.path.replace("[", "[[]")
        known = (template, template.removeprefix("/connect"), path, path.removeprefix("/connect"))
        return any(fnmatchcase(one, wanted) for one in known)


_EFFECTS = ("code", "latency_ms", "drop", "delivery", "delay_ms")


class Effect(Given):
    """What happens: exactly one member, but for the `status` of a `code`.

    To a call: a refusal, a delay in milliseconds, a cut. To a notification: another
    `delivery`, or a delay in milliseconds of the world's clock.
    """

    code: Annotated[str, AfterValidator(_code)] | None = None
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    latency_ms: Annotated[int, Field(ge=0, le=60_000)] | None = None
    drop: Drop | None = None
    delivery: Handling | None = None
    delay_ms: Annotated[int, Field(ge=0, le=3_600_000)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Effect:
        parts = (self.code, self.latency_ms, self.drop, self.delivery, self.delay_ms)
        if sum(part is not None for part in parts) != 1:
            names = "code, latencyMs, drop, delivery, delayMs"
            raise PydanticCustomError("effect", "give exactly one of " + names)
        return self

    @property
    def kind(self) -> str:
        """The name of the member that is given."""
        return next(camel(name) for name in _EFFECTS if getattr(self, name) is not None)

    @property
    def on_notifications(self) -> bool:
        """Whether notifications suffer it, and not calls."""
        return self.delivery is not None or self.delay_ms is not None


class FaultRequest(Given):
    """A fault to come: how often at most, and with what probability."""

    match: Match = Match()
    effect: Effect
    times: Annotated[int, Field(ge=1)] | None = None
    probability: Annotated[float, Field(ge=0, le=1)] | None = None

    @model_validator(mode="after")
    def _of_a_kind(self) -> FaultRequest:
        match = self.match
        if self.effect.on_notifications and (match.method or match.path):
            raise PydanticCustomError("effect", "delivery and delayMs go with match.event alone")
        if not self.effect.on_notifications and match.event:
            raise PydanticCustomError("effect", "match.event goes with delivery or delayMs alone")
        return self


class Fault:
    """A fault that is in force, and how often it has struck."""

    __slots__ = ("id", "request", "struck")

    def __init__(self, fault_id: str, request: FaultRequest, struck: int = 0) -> None:
        self.id = fault_id
        self.request = request
        self.struck = struck


def asked_for(effect: str) -> Fault:
    """The fault that a call asks for by its header, from the JSON of an effect on calls.

    Raises a 400 `Refusal` that names the header.
    """
    try:
        request = FaultRequest(effect=Effect.model_validate_json(effect))
    except ValidationError as failure:
        error = failure.errors(include_url=False)[0]
        place = ".".join(map(str, error["loc"]))
        problem = f"{place}: {error['msg']}" if place else error["msg"]
        raise refuse("fault.malformed", header=FAULT_HEADER, problem=problem) from None
    if request.effect.on_notifications:
        problem = "give one of code, latencyMs, drop"
        raise refuse("fault.malformed", header=FAULT_HEADER, problem=problem)
    return Fault(FAULT_HEADER, request)


class Faults:
    """The faults of a world; draws come from its seed.

    `made` counts the faults that there ever were, `drawn` the draws.
    """

    __slots__ = ("_seed", "drawn", "listed", "made")

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.made = 0
        self.drawn = 0
        self.listed: list[Fault] = []

    def copy(self) -> Faults:
        """The same faults, to strike by themselves."""
        twin = Faults(self._seed)
        twin.made, twin.drawn = self.made, self.drawn
        twin.listed = [Fault(fault.id, fault.request, fault.struck) for fault in self.listed]
        return twin

    def add(self, request: FaultRequest) -> Fault:
        """Put a fault in force."""
        self.made += 1
        fault = Fault(f"fault-{self.made}", request)
        self.listed.append(fault)
        return fault

    def clear(self) -> None:
        """Take all faults back."""
        self.listed.clear()

    def strike(self, method: str, template: str, path: str) -> Fault | None:
        """The first fault that fits this call, or None; it has struck."""
        return self._strike(
            lambda one: not one.effect.on_notifications and one.match.fits(method, template, path)
        )

    def strike_event(self, event_type: str) -> Effect | None:
        """The effect on a notification of the first fault that fits, or None."""
        fault = self._strike(
            lambda one: (
                one.effect.on_notifications and fnmatchcase(event_type, one.match.event or "*")
            )
        )
        return fault.request.effect if fault else None

    def _strike(self, fits: Callable[[FaultRequest], bool]) -> Fault | None:
        for fault in self.listed:
            request = fault.request
            if request.times is not None and fault.struck >= request.times:
                continue
            if not fits(request):
                continue
            if request.probability is not None and self.draw() >= request.probability:
                continue
            fault.struck += 1
            return fault
        return None

    def draw(self) -> float:
        """The next number from 0 up to 1, fixed by the world's seed."""
        self.drawn += 1
        digits = ids.word(self._seed, "fault", self.drawn, 9, ids.DIGITS)
        return int(digits) / 10**9
