from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core import ids

BILLS_FORM = re.compile(r"^[0-9a-z]{3}02[A-Z]{10}[0-9a-z]{5}$")

seeds = st.integers(0, 2**63)
prefixes = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=3)


@given(seeds, prefixes, st.integers(0, 10**7))
def test_an_id_is_prefix_zone_ten_capitals_and_a_tail_of_five(
    seed: int, prefix: str, number: int
) -> None:
    made = ids.record_id(seed, prefix, number)
    assert len(made) == 20
    assert BILLS_FORM.match(made)
    assert made.startswith(prefix)


@given(seeds, prefixes, st.integers(0, 10**7))
def test_tails_of_a_type_count_up_by_one(seed: int, prefix: str, number: int) -> None:
    tails = [ids.record_id(seed, prefix, n)[15:] for n in range(number, number + 40)]
    assert tails == sorted(tails)
    assert {int(b, 36) - int(a, 36) for a, b in pairwise(tails)} == {1}


def test_ten_thousand_ids_of_one_type_differ_also_in_their_capitals() -> None:
    made = [ids.record_id(7, "00n", number) for number in range(10_000)]
    assert len(set(made)) == 10_000
    assert len({one[5:15] for one in made}) == 10_000


def test_the_same_seed_gives_the_same_ids_in_every_run() -> None:
    # Ids stand in users' recorded fixtures: these bytes must never change.
    assert ids.record_id(1, "00n", 0) == "00n02BMUPHVUDWM3xygn"
    assert ids.record_id(1, "00n", 1) == "00n02IJRPLYPVVL3xygo"
    assert ids.record_id(2, "009", 0) == "00902LHZCEPDADYfsyle"


@given(seeds, seeds, prefixes, st.integers(0, 1000))
def test_another_seed_gives_other_ids(one: int, other: int, prefix: str, number: int) -> None:
    same = ids.record_id(one, prefix, number) == ids.record_id(other, prefix, number)
    assert same is (one == other)


def test_two_types_of_one_seed_share_neither_capitals_nor_tails() -> None:
    bill, vendor = (ids.record_id(1, prefix, 0) for prefix in ("00n", "009"))
    assert bill[5:15] != vendor[5:15]
    assert bill[15:] != vendor[15:]


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (9, "9"), (10, "a"), (35, "z"), (36, "10"), (36**5 - 1, "zzzzz")]
)
def test_base_36_is_lower_case(number: int, text: str) -> None:
    assert ids.base36(number) == text


@given(st.integers(0, 2**80))
def test_base_36_reads_back(number: int) -> None:
    assert int(ids.base36(number), 36) == number


@given(seeds, st.text(max_size=20), st.integers(0, 10**6), st.integers(0, 200))
def test_a_word_has_the_asked_length_and_alphabet(
    seed: int, purpose: str, number: int, length: int
) -> None:
    word = ids.word(seed, purpose, number, length, ids.DIGITS)
    assert len(word) == length
    assert set(word) <= set(ids.DIGITS)
    assert word == ids.word(seed, purpose, number, length, ids.DIGITS)


def test_a_longer_word_begins_with_the_shorter_one() -> None:
    assert ids.word(1, "key", 0, 130, ids.CAPITALS).startswith(
        ids.word(1, "key", 0, 40, ids.CAPITALS)
    )


@pytest.mark.parametrize("changed", [{"seed": 2}, {"purpose": "token"}, {"number": 1}])
def test_seed_purpose_and_number_each_change_a_word(changed: dict[str, object]) -> None:
    given = {"seed": 1, "purpose": "key", "number": 0, "length": 40, "alphabet": ids.CAPITALS}
    assert ids.word(**{**given, **changed}) != ids.word(**given)
