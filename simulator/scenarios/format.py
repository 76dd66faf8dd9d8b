"""The format of a scenario: its parts, and what is checked before anything is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from simulator.core.clock import ClockMode
from simulator.core.faults import FaultRequest
from simulator.core.limits import Limits
from simulator.core.resource import Operation
from simulator.core.roles import Role
from simulator.resources.approval_policies import PolicyBody
from simulator.resources.bank_accounts import BankCreate, BankStatus
from simulator.resources.bill_rows import BillCreate
from simulator.resources.catalogue import operations, simulations
from simulator.resources.customer_bank_accounts import CustomerBankCreate
from simulator.resources.customers import CustomerCreate
from simulator.resources.invoice_rows import InvoiceCreate
from simulator.resources.organizations import OrganizationPatch
from simulator.resources.vendor_rows import VendorCreate
from simulator.scenarios.expecting import CallMatch, Expect, Outcome, Part
from simulator.scenarios.places import Path, ScenarioError, Source
from simulator.scenarios.references import Key, Written, references, written
from simulator.settings import Behaviour

# Whom and what every world has, before a scenario adds anything.
GIVEN = frozenset({"organization", "checking", *(role.value.lower() for role in Role)})


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None or not 1900 <= value.year <= 9000:
        raise PydanticCustomError(
            "instant", "must have an offset and a year between 1900 and 9000: 2026-06-03T16:00:00Z"
        )
    return value


Moment = Annotated[datetime, AfterValidator(_aware)]
_Most = Annotated[float, Field(ge=0, le=3_650_000)]


class Duration(Part):
    """A while on the world's clock; its members add up."""

    business_days: Annotated[int, Field(ge=0, le=2_600)] = 0
    days: Annotated[float, Field(ge=0, le=3_650)] = 0
    hours: _Most = 0
    minutes: _Most = 0
    seconds: _Most = 0

    @property
    def plain(self) -> timedelta:
        """The part that is no business days."""
        return timedelta(
            days=self.days, hours=self.hours, minutes=self.minutes, seconds=self.seconds
        )


class Call(Part):
    """A call that somebody else makes; `as` names the record that it makes."""

    operation: str
    path: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    by: Key = "administrator"
    as_: Key | None = Field(None, alias="as")

    @model_validator(mode="before")
    @classmethod
    def _spell_out(cls, value: Any) -> Any:
        # The body is checked as a body of its operation, whichever that is.
        if not isinstance(value, dict):
            return value
        key = full_key(str(value.get("operation", "")))
        found = operations().get(key)
        if found is None or found.method == "GET" or found.body is bytes:
            raise PydanticCustomError(
                "operation", "operation: must be a write that is built: POST /v3/bills"
            )
        given = value.get("body")
        if (found.body is None) is not (given is None):
            told = "takes no body" if found.body is None else "is missing"
            raise PydanticCustomError("body", "body: {told}", {"told": told})
        body = None if found.body is None else written(found.body, given, ("body",))
        path = _path_values(found, value.get("path") or {})
        return {**value, "operation": key, "path": path, "body": body}


def _path_values(operation: Operation, given: Mapping[str, Any]) -> dict[str, str]:
    wanted = [step[1:-1] for step in operation.path.split("/") if step.startswith("{")]
    path = {(name if name in wanted else f"{name}Id"): str(to) for name, to in given.items()}
    if path.keys() != set(wanted):
        told = ", ".join(wanted) or "nothing"
        raise PydanticCustomError("path", "path: must give {told}", {"told": told})
    return {name: path[name] if "${" in path[name] else f"${{{path[name]}}}" for name in wanted}


def full_key(operation: str) -> str:
    """`POST /v3/bills` as the operations list names it: `POST /connect/v3/bills`."""
    method, _, path = operation.partition(" ")
    return f"{method} {path}" if path.startswith("/connect") else f"{method} /connect{path}"


class Simulated(Part):
    """Something that BILL's side does to a record."""

    event: str
    record: Key
    details: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> Self:
        found = simulations().get(self.event)
        if found is None:
            known = ", ".join(sorted(simulations()))
            raise PydanticCustomError("event", "event: is none of {known}", {"known": known})
        return self


class Trigger(CallMatch):
    """The client's call that sets a step off: the `times`-th that fits."""

    times: Annotated[int, Field(ge=1, le=10_000)] = 1


class Action(Part):
    """What happens; of several members in the order call, simulate, limits, faults, clock."""

    call: Call | None = None
    simulate: Simulated | None = None
    limits: Limits | None = None
    clear_faults: bool = Field(False, description="Take all faults back, before new ones come.")
    faults: list[FaultRequest] = Field(default_factory=list)
    clock: Duration | None = Field(None, description="How far the clock jumps.")
    note: str | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        happens = (self.call, self.simulate, self.limits, self.clear_faults, self.faults)
        if not any(happens) and self.clock is None:
            raise PydanticCustomError(
                "step", "give at least one of call, simulate, limits, clearFaults, faults, clock"
            )
        return self


class Past(Action):
    """What happened before the client comes, between `founded` and `start`."""

    at: Moment


class Step(Action):
    """What happens while the client works: `at` an instant, `after` a while, or `when` it calls.

    `after` counts from the start, or from the call that `when` names.
    """

    at: Moment | None = None
    after: Duration | None = None
    when: Trigger | None = None

    @model_validator(mode="after")
    def _timed(self) -> Self:
        if (self.at is None) is (self.after is None and self.when is None):
            raise PydanticCustomError("step", "give at, after, when, or when with after")
        if self.clock is not None and self.when is None:
            raise PydanticCustomError("step", "clock: the clock jumps only when the client calls")
        return self


class UserPart(Part):
    """A user beside those of the six roles. Payers may pay from every verified account."""

    first_name: Annotated[str, Field(min_length=1, max_length=100)]
    last_name: Annotated[str, Field(min_length=1, max_length=100)]
    email: Annotated[str, Field(min_length=3, max_length=200)]
    role: Role


Records = dict[Key, dict[str, Any]]
_Archived = {"archived": bool}


class WorldPart(Part):
    """The world that the client finds. Its records are made at `founded`, else at `start`."""

    start: Moment = Field(description="When the client comes; the clock stands then.")
    founded: Moment | None = None
    clock: ClockMode = ClockMode.FROZEN
    seed: Annotated[int, Field(ge=0)] = 1
    behaviour: Behaviour = Behaviour()
    limits: Limits = Limits()
    organization: Annotated[dict[str, Any], Written(OrganizationPatch)] | None = None
    users: dict[Key, UserPart] = Field(default_factory=dict)
    bank_accounts: dict[
        Key, Annotated[dict[str, Any], Written(BankCreate, {"status": BankStatus})]
    ] = Field(default_factory=dict)
    vendors: dict[Key, Annotated[dict[str, Any], Written(VendorCreate, _Archived)]] = Field(
        default_factory=dict
    )
    approval_policies: dict[Key, Annotated[dict[str, Any], Written(PolicyBody)]] = Field(
        default_factory=dict
    )
    bills: dict[Key, Annotated[dict[str, Any], Written(BillCreate, _Archived)]] = Field(
        default_factory=dict
    )
    customers: dict[
        Key,
        Annotated[
            dict[str, Any], Written(CustomerCreate, {**_Archived, "authorizedToCharge": bool})
        ],
    ] = Field(default_factory=dict)
    customer_bank_accounts: dict[
        Key, Annotated[dict[str, Any], Written(CustomerBankCreate, {"customer": str})]
    ] = Field(default_factory=dict)
    invoices: dict[Key, Annotated[dict[str, Any], Written(InvoiceCreate, _Archived)]] = Field(
        default_factory=dict
    )
    history: list[Past] = Field(default_factory=list)

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        founded = self.founded or self.start
        if founded > self.start:
            raise PydanticCustomError("founded", "founded: must not be after start")
        moments = [founded, *(past.at for past in self.history), self.start]
        if moments != sorted(moments):
            raise PydanticCustomError(
                "history", "history: must lie between founded and start, in the order of time"
            )
        return self

    def keyed(self) -> Iterator[tuple[Path, str]]:
        """The keys of all records, with their paths."""
        for section in SECTIONS:
            for key in getattr(self, section):
                yield (_wire(section), key), key
        for index, past in enumerate(self.history):
            if past.call and past.call.as_:
                yield ("history", index, "call", "as"), past.call.as_


# In the order in which they are made: each may refer to what stands before it.
SECTIONS = (
    "users",
    "bank_accounts",
    "vendors",
    "approval_policies",
    "bills",
    "customers",
    "customer_bank_accounts",
    "invoices",
)


def _wire(name: str) -> str:
    alias = WorldPart.model_fields[name].alias
    assert alias is not None
    return alias


class Scenario(Part):
    """A world, what happens in it, and what a client should have done."""

    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,63}$")]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    story: Annotated[str, Field(min_length=1)] = Field(
        description="What a finance person needs to know to follow it."
    )
    task: Annotated[str, Field(min_length=1)] = Field(
        description="What the client, or the person in front of it, is asked to do."
    )
    world: WorldPart
    faults: list[FaultRequest] = Field(default_factory=list)
    timeline: Annotated[list[Step], Field(max_length=200)] = Field(default_factory=list)
    expect: Expect = Expect()

    @property
    def opening(self) -> datetime:
        """Where the clock of its world begins, before what happened up to `start`."""
        return self.world.founded or self.world.start

    def behaves(self, otherwise: Behaviour) -> Behaviour:
        """The settings of its world; those it does not give are `otherwise`."""
        return otherwise.model_copy(update=self.world.behaviour.model_dump(exclude_unset=True))

    def keyed(self) -> Iterator[tuple[Path, str]]:
        """The keys of all records, those of the timeline too, with their paths."""
        for path, key in self.world.keyed():
            yield ("world", *path), key
        for index, step in enumerate(self.timeline):
            if step.call and step.call.as_:
                yield ("timeline", index, "call", "as"), step.call.as_


def parse(source: Source, name: str = "") -> Scenario:
    """The scenario that was written. Raises ScenarioError with everything wrong in it."""
    try:
        scenario = Scenario.model_validate(source.data)
    except ValidationError as failure:
        faults = []
        for error in failure.errors(include_url=False):
            # A validator of a whole part names the member in its text.
            told, path = error["msg"], error["loc"]
            member, _, rule = told.partition(": ")
            if rule and member.isidentifier():
                told, path = rule, (*path, member)
            faults.append(source.located(path, told))
        raise ScenarioError(faults, name) from None
    faults = [source.located(path, rule) for path, rule in _unsound(scenario, source.data)]
    if faults:
        raise ScenarioError(faults, name)
    return scenario


def _unsound(scenario: Scenario, data: Any) -> Iterator[tuple[Path, str]]:
    """What is wrong between the parts: keys that are there twice, or not at all."""
    known = set(GIVEN)
    for path, key in scenario.keyed():
        if key in known:
            yield path, f"there is a record {key!r} already"
        known.add(key)
    plain = scenario.model_dump(mode="json", by_alias=True, exclude_none=True)
    for part in ("world", "timeline", "expect"):
        for path, key in references(plain[part], (part,)):
            if key not in known:
                yield path, f"there is no record {key!r}"
    for path, key in _bare_keys(scenario):
        if key not in known:
            yield path, f"there is no record {key!r}"
    for index, step in enumerate(scenario.timeline):
        if step.at is not None and step.at < scenario.world.start:
            yield ("timeline", index, "at"), "must not be before world.start"
        if step.when and step.when.outcome is Outcome.ANY and step.when.codes:
            yield ("timeline", index, "when", "codes"), "codes go with outcome: refused"


def _bare_keys(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    for path, key in scenario.expect.mentions():
        yield ("expect", *path), key
    for key, account in scenario.world.customer_bank_accounts.items():
        yield ("world", "customerBankAccounts", key, "customer"), account.get("customer", "")
    actions: list[tuple[Path, Action]] = [
        (("world", "history", index), past) for index, past in enumerate(scenario.world.history)
    ]
    for index, step in enumerate(scenario.timeline):
        actions.append((("timeline", index), step))
        if step.when:
            for member in ("record", "by"):
                bare = getattr(step.when, member)
                if bare:
                    yield ("timeline", index, "when", member), bare
    for path, action in actions:
        if action.call:
            yield (*path, "call", "by"), action.call.by
        if action.simulate:
            yield (*path, "simulate", "record"), action.simulate.record
