"""Faults of a world without a server: what a copy of them goes on with."""

from __future__ import annotations

from simulator.core.faults import Effect, FaultRequest, Faults, Match

CALL = ("POST", "/connect/v3/bills", "/connect/v3/bills")


def test_a_copy_goes_on_where_the_faults_were_and_alone() -> None:
    faults = Faults(7)
    faults.add(FaultRequest(match=Match(), effect=Effect(code="BDC_1144"), times=2))
    assert faults.strike(*CALL)
    twin = faults.copy()
    for either in (twin, faults):
        assert [bool(either.strike(*CALL)) for _ in range(2)] == [True, False]


def test_a_copy_draws_the_same_numbers_and_makes_the_next_id() -> None:
    faults = Faults(7)
    request = FaultRequest(match=Match(), effect=Effect(code="BDC_1144"), probability=0.5)
    faults.add(request)
    faults.draw()
    twin = faults.copy()
    assert [twin.draw() for _ in range(3)] == [faults.draw() for _ in range(3)]
    assert twin.add(request).id == faults.add(request).id == "fault-2"
