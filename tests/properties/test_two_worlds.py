"""Two worlds of one server and their copies share nothing, whatever is done in one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from simulator import Behaviour
from simulator.core.context import Ctx
from simulator.core.errors import Refusal
from simulator.core.export import image
from simulator.core.faults import Drop, Effect, FaultRequest, Match
from simulator.core.limits import Limits
from simulator.core.snapshots import Snapshot, Tables, changes
from simulator.core.world import World
from simulator.documents import exporter, importer
from simulator.resources import sessions
from simulator.resources.bill_rows import bills
from simulator.resources.catalogue import operations, simulations
from simulator.resources.payment_rows import payments
from simulator.resources.vendor_rows import vendors
from simulator.worlds import Worlds
from tests.properties.machine import START, OneWorld

WHICH = st.sampled_from([0, 1])
PICK = st.integers(0, 10**6)
NAMES = st.sampled_from(["one", "two"])
ADDRESS = {"line1": "1 Main St", "city": "Reno", "zipOrPostalCode": "89501", "country": "US"}
BANK = {"accountNumber": "111222333", "routingNumber": "074000010"}


def wall() -> Any:
    return START


def document(world: World) -> bytes:
    """All of a world: also what is no part of its hash."""
    return b"".join(exporter().write(image(world)))


def digest(world: World) -> str:
    return exporter().digest(image(world))


def differences(before: Snapshot, now: Tables) -> list[Any]:
    return list(changes(before.tables, now))


class TwoWorlds(RuleBasedStateMachine):
    """Drives two worlds of one seed, in which the same calls give the same ids."""

    @initialize(settlement=st.sampled_from(["automatic", "manual"]))
    def found(self, settlement: Any) -> None:
        self.worlds = Worlds(clock_wall=wall)
        behaviour = Behaviour(settlement=settlement)
        self.sides = [OneWorld(), OneWorld()]
        for side in self.sides:
            side.enter(self.worlds.make(None, 7, START, behaviour))
        self.numbers = count()

    @contextmanager
    def only(self, which: int) -> Iterator[OneWorld]:
        """A step in one world, which leaves the other and the default one as they are."""
        others = [world for world in self.worlds if world is not self.sides[which].world]
        before = [(digest(world), document(world)) for world in others]
        yield self.sides[which]
        known = list(self.worlds)
        for world, (found, whole) in zip(others, before, strict=True):
            assert digest(world) == found
            assert document(world) == whole
            assert world in known

    @invariant()
    def keys_open_their_own_world(self) -> None:
        for world in self.worlds:
            credentials = world.credentials
            assert credentials is not None
            assert self.worlds.by_dev_key(credentials.dev_key) is world
            assert self.worlds.by_app_key(credentials.app_key) is world
            for session in world.table(sessions.sessions.name, ""):
                assert self.worlds.with_session(session.id) is world

    def pick(self, side: OneWorld, kind: Any, pick: int) -> Any:
        rows = list(side.context().table(kind))
        return rows[pick % len(rows)] if rows else None

    # What clients do.

    @rule(which=WHICH, right=st.booleans())
    def sign_in(self, which: int, right: bool) -> None:
        with self.only(which) as side:
            world = side.world
            credentials = world.credentials
            assert credentials is not None
            operation = operations()["POST /connect/v3/login"]
            body = operation.body(
                username=credentials.username,
                password=credentials.password if right else "wrong",
                organization_id=credentials.organization_id,
                dev_key=credentials.dev_key,
            )
            now = world.clock.now()
            try:
                world.limiter.login(credentials.dev_key, now)
                answer = world.perform(Ctx(world, now, ""), operation.run, body)
            except Refusal:
                return
            if not isinstance(answer, Refusal):
                assert right
                key = credentials.dev_key
                sessions.authenticate(world, now, answer.session_id, key, partner=False)

    @rule(which=WHICH, by_ach=st.booleans())
    def create_vendor(self, which: int, by_ach: bool) -> None:
        with self.only(which) as side:
            body = {
                "name": f"Vendor {next(self.numbers)}",
                "address": ADDRESS,
                "paymentInformation": {"bankAccount": BANK if by_ach else None},
            }
            side.call(True, "POST /connect/v3/vendors", body=body)

    @rule(which=WHICH, pick=PICK, cents=st.integers(1, 10**6))
    def create_bill(self, which: int, pick: int, cents: int) -> None:
        with self.only(which) as side:
            vendor = self.pick(side, vendors, pick)
            if vendor is None:
                return
            body = {
                "vendorId": vendor.id,
                "dueDate": "2026-12-31",
                "billLineItems": [{"amount": f"{cents // 100}.{cents % 100:02}"}],
                "invoice": {"invoiceNumber": "1", "invoiceDate": "2026-06-01"},
            }
            side.call(True, "POST /connect/v3/bills", body=body)

    @rule(which=WHICH, pick=PICK)
    def change_vendor(self, which: int, pick: int) -> None:
        with self.only(which) as side:
            vendor = self.pick(side, vendors, pick)
            if vendor is not None:
                body = {"name": f"Renamed {next(self.numbers)}"}
                side.call(True, "PATCH /connect/v3/vendors/{vendorId}", vendor.id, body=body)

    @rule(which=WHICH, pick=PICK)
    def pay(self, which: int, pick: int) -> None:
        with self.only(which) as side:
            bill = self.pick(side, bills, pick)
            if bill is not None and bill.due_amount > 0:
                body = {
                    "billId": bill.id,
                    "amount": str(bill.due_amount),
                    "fundingAccount": side.account,
                    "processingOptions": {},
                }
                side.call(True, "POST /connect/v3/payments", body=body)

    @rule(which=WHICH, pick=PICK, content=st.binary(min_size=1, max_size=9))
    def upload(self, which: int, pick: int, content: bytes) -> None:
        with self.only(which) as side:
            bill = self.pick(side, bills, pick)
            if bill is not None:
                operation = operations()["POST /connect/v3/documents/bills/{billId}"]
                assert operation.query is not None
                query = operation.query.model_validate({"name": "a.pdf"})
                ctx = side.context(side.caller)
                side.world.perform(ctx, operation.run, bill.id, query, content)

    @rule(which=WHICH)
    def send(self, which: int) -> None:
        with self.only(which) as side:
            side.world.perform(side.context(), Ctx.send, "sms", "+1", "Your code is 1", "1")

    # What the control plane and time do.

    @rule(which=WHICH, days=st.sampled_from([0, 1, 4, 100]))
    def advance(self, which: int, days: int) -> None:
        with self.only(which) as side:
            side.world.advance_to(side.world.clock.now() + timedelta(days=days, microseconds=1))

    @rule(which=WHICH, pick=PICK)
    def settle(self, which: int, pick: int) -> None:
        with self.only(which) as side:
            payment = self.pick(side, payments, pick)
            if payment is not None:
                found = simulations()["payment.settled"]
                try:
                    details = found.details.model_validate({})
                    side.world.perform(side.context(), found.happen, payment.id, details)
                except (Refusal, ValueError):
                    pass

    @rule(which=WHICH, concurrent=st.none() | st.integers(0, 5))
    def limit(self, which: int, concurrent: int | None) -> None:
        with self.only(which) as side:
            limiter = side.world.limiter
            limiter.limits = Limits(concurrent=concurrent)
            limiter.call("a key", side.world.clock.now())

    @rule(
        which=WHICH,
        effect=st.sampled_from([Effect(code="BDC_1144"), Effect(drop=Drop.AFTER)]),
        probability=st.sampled_from([None, 0.5]),
    )
    def add_fault(self, which: int, effect: Effect, probability: float | None) -> None:
        with self.only(which) as side:
            request = FaultRequest(match=Match(), effect=effect, probability=probability)
            side.world.faults.add(request)

    @rule(which=WHICH, clears=st.booleans())
    def strike(self, which: int, clears: bool) -> None:
        with self.only(which) as side:
            side.world.faults.strike("GET", "/connect/v3/bills", "/connect/v3/bills")
            if clears:
                side.world.faults.clear()

    # Going back, copying, and documents.

    @rule(which=WHICH, name=NAMES)
    def keep(self, which: int, name: str) -> None:
        with self.only(which) as side:
            found = digest(side.world)
            kept = side.world.keep(name)
            assert digest(side.world) == found
            assert differences(kept, side.world.tables) == []

    @rule(which=WHICH, name=NAMES)
    def restore(self, which: int, name: str) -> None:
        with self.only(which) as side:
            kept = side.world.snapshots.get(name, side.world.beginning)
            assert kept is not None
            side.world.restore(kept)
            assert differences(kept, side.world.tables) == []
            once = digest(side.world)
            body = {"name": "Soon forgotten", "address": ADDRESS}
            side.call(True, "POST /connect/v3/vendors", body=body)
            side.world.restore(kept)
            assert digest(side.world) == once

    @rule(which=WHICH)
    def fork(self, which: int) -> None:
        with self.only(which) as side:
            parent = side.world
            before = digest(parent), document(parent)
            child = self.worlds.fork(parent)
            assert child.beginning is not None
            assert differences(child.beginning, child.tables) == []
            signed_in = {sessions.sessions.name}
            told = differences(parent.snapshot(), child.tables)
            assert {change.table for change in told} <= signed_in
            self.keys_open_their_own_world()
            inside = OneWorld()
            inside.enter(child)
            body = {"name": "Only here", "address": ADDRESS}
            inside.call(True, "POST /connect/v3/vendors", body=body)
            child.advance_to(child.clock.now() + timedelta(days=9))
            assert (digest(parent), document(parent)) == before
            self.worlds.remove(child.name)

    @rule(which=WHICH)
    def go_through_a_document(self, which: int) -> None:
        with self.only(which) as side:
            world = side.world
            found, whole = digest(world), document(world)
            self.worlds.take(world, importer(wall).read(whole))
            assert digest(world) == found
            assert document(world) == whole

    @rule(which=WHICH)
    def copy_the_other(self, which: int) -> None:
        with self.only(which) as side:
            other = self.sides[1 - which].world
            self.worlds.take(side.world, importer(wall).read(document(other)))
            assert digest(side.world) == digest(other)


TestTwoWorlds = TwoWorlds.TestCase
TestTwoWorlds.settings = settings(stateful_step_count=settings.default.stateful_step_count * 3 // 5)
