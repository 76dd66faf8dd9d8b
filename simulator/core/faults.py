"""Trouble on request: refusals, delays and cut connections that a caller asked for."""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from simulator.core import ids
from simulator.core.errors import CATALOGUE
from simulator.core.rows import camel


class Drop(StrEnum):
    """When the connection is cut: before or after the work was done."""

    BEFORE = "before"
    AFTER = "after"


class _Model(BaseModel):
    model_config = ConfigDict(
        alias_generator=camel, validate_by_name=True, validate_by_alias=True, extra="forbid",
        frozen=True,
    )  # fmt: skip


def _code(value: str) -> str:
    if not value.startswith("BDC_") or value not in CATALOGUE:
        raise PydanticCustomError("code", "is no code of BILL that is known here")
    return value


class Match(_Model):
    """Which calls; without members, all. `path` is BILL's, `*` stands for anything."""

    method: str | None = None
    path: str | None = None

    def fits(self, method: str, template: str, path: str) -> bool:
        """Whether a call of `method` to `path`, an instance of BILL's `template`, is meant."""
        if self.method is not None and self.method.upper() != method:
            return False
        if self.path is None:
            return True
        wanted = self.path.replace("[", "[[]")
        known = (template, template.removeprefix("/connect"), path, path.removeprefix("/connect"))
        return any(fnmatchcase(one, wanted) for one in known)


class Effect(_Model):
    """What happens: exactly one of a refusal, a delay in milliseconds, a cut."""

    code: Annotated[str, AfterValidator(_code)] | None = None
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    latency_ms: Annotated[int, Field(ge=0, le=60_000)] | None = None
    drop: Drop | None = None

    @model_validator(mode="after")
    def _one(self) -> Effect:
        if sum(part is not None for part in (self.code, self.latency_ms, self.drop)) != 1:
            raise PydanticCustomError("effect", "give exactly one of code, latencyMs, drop")
        return self


class FaultRequest(_Model):
    """A fault to come: how often at most, and with what probability."""

    match: Match = Match()
    effect: Effect
    times: Annotated[int, Field(ge=1)] | None = None
    probability: Annotated[float, Field(ge=0, le=1)] | None = None


class Fault:
    """A fault that is in force, and how often it has struck."""

    __slots__ = ("id", "request", "struck")

    def __init__(self, fault_id: str, request: FaultRequest) -> None:
        self.id = fault_id
        self.request = request
        self.struck = 0


class Faults:
    """The faults of a world; draws come from its seed."""

    __slots__ = ("_draws", "_made", "_seed", "listed")

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made = 0
        self._draws = 0
        self.listed: list[Fault] = []

    def add(self, request: FaultRequest) -> Fault:
        """Put a fault in force."""
        self._made += 1
        fault = Fault(f"fault-{self._made}", request)
        self.listed.append(fault)
        return fault

    def clear(self) -> None:
        """Take all faults back."""
        self.listed.clear()

    def strike(self, method: str, template: str, path: str) -> Effect | None:
        """The effect on this call of the first fault that fits, or None."""
        for fault in self.listed:
            request = fault.request
            if request.times is not None and fault.struck >= request.times:
                continue
            if not request.match.fits(method, template, path):
                continue
            if request.probability is not None and self._draw() >= request.probability:
                continue
            fault.struck += 1
            return request.effect
        return None

    def _draw(self) -> float:
        self._draws += 1
        digits = ids.word(self._seed, "fault", self._draws, 9, ids.DIGITS)
        return int(digits) / 10**9
