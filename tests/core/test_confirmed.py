"""Confirmations are read as they are written, and win over what was declared."""

from __future__ import annotations

from simulator.core.confirmed import CONFIRMED, Confirmation, read, with_confirmation, write
from simulator.core.errors import CATALOGUE
from simulator.core.evidence import Basis, assumed
from simulator.resources.catalogue import operations

MET = Confirmation("BDC_1205", "2026-12-01", "sandbox")


def test_a_table_is_read_as_it_was_written() -> None:
    other = Confirmation("GET /connect/v3/x,y", "2026-12-02", "sandbox")
    assert dict(read(write([other, MET]))) == {one.behaviour: one for one in (MET, other)}


def test_what_was_met_is_observed_and_what_was_known_before_stands_behind() -> None:
    known = with_confirmation("BDC_1205", assumed("nobody said"), {"BDC_1205": MET})
    assert known.basis is Basis.OBSERVED
    assert str(known) == "observed: sandbox, 2026-12-01; until then assumed: nobody said"


def test_what_was_not_met_stays_as_declared() -> None:
    declared = assumed("nobody said")
    assert with_confirmation("BDC_1206", declared, {"BDC_1205": MET}) is declared


def test_the_table_confirms_nothing_that_is_not_declared() -> None:
    assert CONFIRMED.keys() - operations().keys() - CATALOGUE.keys() == set()
