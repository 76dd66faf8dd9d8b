"""What BILL's side does: only in the states that are declared, and whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from simulator.core.context import Ctx
from simulator.core.errors import Refusal
from simulator.core.evidence import documented
from simulator.core.rows import changed
from simulator.core.simulations import Details, NoDetails, Simulation, States, when
from tests.core.things import HOME, NOON, Colour, Part, Thing, make_things, make_world


class PaintDetails(Details):
    new_name: str
    part: str | None = None


def painting(states: States | None = None) -> Simulation:
    things = make_things()

    @things.simulation(
        "thing.painted",
        evidence=documented("a book"),
        details=PaintDetails,
        states=states,
        course="every other year",
    )
    def paint(ctx: Ctx, thing_id: str, details: PaintDetails) -> Thing:
        """A thing is painted."""
        return ctx.put(things, changed(ctx.get(things, thing_id), name=details.new_name))

    (found,) = things.simulations
    return found


def with_thing(simulation: Simulation, **members: Any) -> Ctx:
    ctx = Ctx(make_world(), NOON, HOME)
    ctx.put(simulation.resource, Thing(id="00t1", **members))
    return ctx


def test_what_is_declared_is_told() -> None:
    found = painting(when("colour", {Colour.RED}))
    assert (found.event, found.summary) == ("thing.painted", "A thing is painted.")
    assert (found.details, found.course) == (PaintDetails, "every other year")
    assert (found.states.member, found.states.values) == ("colour", (Colour.RED,))  # type: ignore[union-attr]


def test_it_happens_in_a_declared_state() -> None:
    found = painting(when("colour", {Colour.RED, Colour.BLUE}))
    ctx = with_thing(found, colour=Colour.BLUE)
    row: Any = found.happen(ctx, "00t1", PaintDetails(new_name="Blue"))
    assert row.name == "Blue"
    assert ctx.get(found.resource, "00t1") is row


@pytest.mark.parametrize(
    ("colour", "told"), [(Colour.GREEN, "GREEN"), (None, "absent")], ids=["other", "none"]
)
def test_another_state_is_refused_in_words_before_anything_is_done(
    colour: Colour | None, told: str
) -> None:
    found = painting(when("colour", {Colour.RED, Colour.BLUE}))
    ctx = with_thing(found, colour=colour)
    before = ctx.get(found.resource, "00t1")
    with pytest.raises(ValueError, match="cannot happen") as refused:
        found.happen(ctx, "00t1", PaintDetails(new_name="Blue"))
    assert str(refused.value) == (
        f"thing.painted cannot happen to 00t1: its colour is {told}, not BLUE or RED"
    )
    assert ctx.get(found.resource, "00t1") is before


def test_truth_values_are_told_as_json_writes_them() -> None:
    found = painting(when("archived", {True}))
    with pytest.raises(ValueError, match="its archived is false, not true"):
        found.happen(with_thing(found), "00t1", PaintDetails(new_name="x"))


def test_a_nested_member_and_one_reckoned_elsewhere_can_be_the_state() -> None:
    nested = painting(when("part.countryCode", {"US"}))
    ctx = with_thing(nested, part=Part(country_code="US"))
    assert nested.happen(ctx, "00t1", PaintDetails(new_name="x")).id == "00t1"
    reckoned = painting(when("size", {3}, lambda thing: len(thing.name)))
    ctx = with_thing(reckoned, name="abc")
    assert reckoned.happen(ctx, "00t1", PaintDetails(new_name="x")).id == "00t1"


def test_without_declared_states_every_one_will_do() -> None:
    found = painting()
    for colour in (*Colour, None):
        ctx = with_thing(found, colour=colour)
        assert found.happen(ctx, "00t1", PaintDetails(new_name="x")).id == "00t1"


def test_an_unknown_id_is_refused() -> None:
    found = painting(when("colour", {Colour.RED}))
    with pytest.raises(Refusal):
        found.happen(with_thing(found), "00t2", PaintDetails(new_name="x"))


@pytest.mark.parametrize("members", [{}, {"newName": 5}, {"newName": "x", "colour": "RED"}])
def test_details_are_camel_case_and_know_no_other_member(members: dict[str, Any]) -> None:
    assert PaintDetails.model_validate({"newName": "x"}) == PaintDetails(new_name="x")
    with pytest.raises(ValidationError):
        PaintDetails.model_validate(members)


def test_an_event_without_details_takes_none() -> None:
    assert NoDetails.model_validate({}) == NoDetails()
    with pytest.raises(ValidationError):
        NoDetails.model_validate({"newName": "x"})
