"""What a client should have done: the `expect` part of a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from simulator.core.resource import CONNECT
from simulator.core.rows import camel
from simulator.resources.catalogue import RESOURCES, known_operations
from simulator.scenarios.matching import Matcher
from simulator.scenarios.references import Key


class Part(BaseModel):
    """Base of every part of a scenario: camelCase, unknown members are refused."""

    model_config = ConfigDict(
        alias_generator=camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        frozen=True,
        # A server that plays no scenario starts without waiting for this.
        defer_build=True,
    )


def fits(wanted: str, key: str) -> bool:
    """Whether `POST /v3/bills` names the operation `key`; `*` stands for anything."""
    if wanted == "*":
        return True
    method, _, path = wanted.partition(" ")
    known_method, _, known_path = key.partition(" ")
    pattern = path.replace("[", "[[]")
    return method in ("*", known_method) and any(
        fnmatchcase(one, pattern) for one in (known_path, known_path.removeprefix(CONNECT))
    )


def _known(wanted: str) -> str:
    if not any(fits(wanted, known.key) for known in known_operations()):
        raise PydanticCustomError(
            "operation", "is no operation of BILL's; write it as POST /v3/bills"
        )
    return wanted


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Operations = Annotated[
    list[Annotated[str, AfterValidator(_known)]],
    BeforeValidator(_listed, json_schema_input_type=str | list[str]),
    Field(min_length=1),
]


class Outcome(StrEnum):
    """How a call ended."""

    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    ANY = "any"


class CallMatch(Part):
    """Which calls of the client are meant: those that fit all members given."""

    operation: Operations = Field(
        description="Operations of BILL's, * for anything: POST /v3/payments*."
    )
    record: Key | None = Field(
        None, description="The record it is about: in the path, the query, the body or written."
    )
    by: Key | None = Field(None, description="The user who makes it.")
    path: dict[str, Matcher] | None = Field(None, description="Matchers of path parameters.")
    query: dict[str, Matcher] | None = Field(None, description="Matchers of query parameters.")
    body: Matcher = Field(None, description="Matcher of the request's JSON body.")
    answer: Matcher = Field(None, description="Matcher of the response's JSON body.")
    outcome: Outcome = Outcome.SUCCEEDED
    codes: list[str] | None = Field(None, description="BILL's codes, one of which refused it.")

    @model_validator(mode="after")
    def _codes_refuse(self) -> Self:
        if self.codes is not None and self.outcome is Outcome.SUCCEEDED:
            raise PydanticCustomError("codes", "codes go with outcome: refused")
        return self


class WriteExpectation(CallMatch):
    """A write that must be made, as often as `times` says; once, if it says nothing."""

    times: Matcher = Field(1, description="How often: a number or a matcher of it.")
    why: str | None = None


class ForbiddenWrite(CallMatch):
    """A write that must not be made; one alone makes the score 0."""

    why: str | None = None


class ReadExpectation(CallMatch):
    """A read without which a right result is luck.

    With `record`, one whose answer tells of it; with `before`, one made before
    the first such call.
    """

    before: CallMatch | None = None
    why: str | None = None


class Order(Part):
    """Calls that must come one after the other; others may come between."""

    steps: Annotated[list[CallMatch], Field(min_length=2)]
    why: str | None = None


def _resource(value: str) -> str:
    if value not in RESOURCE_NAMES:
        raise PydanticCustomError(
            "resource", "is none of {names}", {"names": ", ".join(sorted(RESOURCE_NAMES))}
        )
    return value


# What the gateway keeps of callers is no record of the finance team's.
_NOT_RECORDS = frozenset({"logins", "mfa", "sessions", "sync_tokens"})
RESOURCE_NAMES = frozenset(one.name for one in RESOURCES) - _NOT_RECORDS


class RecordExpectation(Part):
    """How a record, or each record that `find` and `where` find, is in the end."""

    record: Key | None = None
    find: Annotated[str, AfterValidator(_resource)] | None = Field(
        None, description="The records of this resource that match `where`."
    )
    where: Matcher = None
    count: Matcher = Field(None, description="How many `find` finds.")
    is_: Matcher = Field(None, alias="is", description="What each of them is.")
    exists: bool = True
    why: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.record is None) is (self.find is None):
            raise PydanticCustomError("record", "give exactly one of record, find")
        if self.record is not None and (self.where is not None or self.count is not None):
            raise PydanticCustomError("record", "where and count go with find")
        if self.find is not None and self.count is None and self.is_ is None:
            raise PydanticCustomError("record", "find needs count or is")
        return self


class Writes(Part):
    """What must, must not, and may be written."""

    required: list[WriteExpectation] = []
    forbidden: list[ForbiddenWrite] = []
    allowed: list[CallMatch] = []


class Reads(Part):
    """What must be read."""

    required: list[ReadExpectation] = []


class Budget(Part):
    """How many calls may be made, and how many of them be refused."""

    most: Annotated[int, Field(ge=0)] | None = None
    refused: Annotated[int, Field(ge=0)] | None = None


class Expect(Part):
    """How a client is graded."""

    records: list[RecordExpectation] = []
    writes: Writes = Writes()
    reads: Reads = Reads()
    order: list[Order] = []
    calls: Budget = Budget()
    nothing_else: bool = Field(
        True,
        description="Whether writes that are neither required nor allowed, and whose traces are"
        " left in the end, are held against the client.",
    )

    def mentions(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """The keys that stand bare in `record` and `by`, with their paths."""
        for index, one in enumerate(self.records):
            if one.record:
                yield ("records", index, "record"), one.record
        for path, call in self.matches():
            if call.record:
                yield (*path, "record"), call.record
            if call.by:
                yield (*path, "by"), call.by

    def matches(self) -> Iterator[tuple[tuple[str | int, ...], CallMatch]]:
        """Every matcher of calls, with its path."""
        for kind in ("required", "forbidden", "allowed"):
            for index, call in enumerate(getattr(self.writes, kind)):
                yield ("writes", kind, index), call
        for index, read in enumerate(self.reads.required):
            yield ("reads", "required", index), read
            if read.before:
                yield ("reads", "required", index, "before"), read.before
        for index, order in enumerate(self.order):
            for step, call in enumerate(order.steps):
                yield ("order", index, "steps", step), call
