from __future__ import annotations

from enum import StrEnum

import pytest

from simulator.core.evidence import Basis, assumed, documented, observed
from simulator.core.states import Machine, move


class Light(StrEnum):
    RED = "RED"
    GREEN = "GREEN"
    AMBER = "AMBER"


LIGHTS: Machine[Light] = Machine(
    "traffic light",
    [
        move("go", [Light.RED], Light.GREEN, documented("the book")),
        move("warn", [Light.GREEN], Light.AMBER, observed("a driver")),
        move("stop", [Light.GREEN, Light.AMBER], Light.RED, assumed("it must")),
    ],
)
POSSIBLE = {
    ("go", Light.RED): Light.GREEN,
    ("warn", Light.GREEN): Light.AMBER,
    ("stop", Light.GREEN): Light.RED,
    ("stop", Light.AMBER): Light.RED,
}


@pytest.mark.parametrize("source", Light)
@pytest.mark.parametrize("event", ["go", "warn", "stop", "fly"])
def test_an_event_leads_where_the_table_says_or_nowhere(event: str, source: Light) -> None:
    assert LIGHTS.target(event, source) == POSSIBLE.get((event, source))


def test_an_event_that_must_happen_leads_to_its_target() -> None:
    assert LIGHTS.follow("warn", Light.GREEN) is Light.AMBER
    with pytest.raises(ValueError, match=r"^warn cannot happen to a traffic light that is RED$"):
        LIGHTS.follow("warn", Light.RED)


def test_the_table_can_be_read_with_its_evidence() -> None:
    assert LIGHTS.name == "traffic light"
    assert [(one.event, one.evidence.basis) for one in LIGHTS.moves] == [
        ("go", Basis.DOCUMENTED),
        ("warn", Basis.OBSERVED),
        ("stop", Basis.ASSUMED),
    ]
    assert LIGHTS.moves[2].sources == {Light.GREEN, Light.AMBER}
    assert str(LIGHTS.moves[0].evidence) == "documented: the book"
