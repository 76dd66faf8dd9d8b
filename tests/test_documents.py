"""Documents of whole worlds: every kind of row goes out and comes in again."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import SchemaValidator

import simulator
from simulator.core.export import image
from simulator.core.resource import Resource, Store
from simulator.core.rows import Row, adapter
from simulator.core.stored import encoder, stored_schema
from simulator.documents import exporter, importer, row_classes
from simulator.worlds import Worlds, wall

GOLDEN = Path(__file__).parent / "golden" / "state-1.json"

PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    int: st.integers(0, 10**6),
    bool: st.booleans(),
    bytes: st.binary(max_size=8),
    Decimal: st.decimals(-(10**9), 10**9, places=2),
    date: st.dates(date(1900, 1, 1), date(9000, 1, 1)),
    datetime: st.datetimes(datetime(1900, 1, 2), datetime(9000, 1, 1), timezones=st.just(UTC)),
}


@cache
def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a member's type."""
    if kind in PLAIN:
        return PLAIN[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind, include_extras=True)
        return st.builds(kind, **{one.name: values(hints[one.name]) for one in fields(kind)})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return values(arguments[0])
    if origin in (Union, UnionType):
        # None comes often, so that what is left out is looked at.
        return st.one_of(*(st.none() if one is NoneType else values(one) for one in arguments))
    if origin is tuple and arguments[1:] == (...,):
        return st.lists(values(arguments[0]), max_size=2).map(tuple)
    raise TypeError(f"no strategy for {kind}")


@pytest.mark.parametrize("name", sorted(row_classes()))
def test_a_row_of_every_table_reads_back_as_it_was_stored(name: str) -> None:
    row = row_classes()[name]
    encode = encoder(row)
    read = SchemaValidator(stored_schema(adapter(row).core_schema)).validate_json

    @settings(max_examples=25)
    @given(values(row))
    def reads_back(one: Row) -> None:
        stored = encode(one)
        again = read(stored, strict=True)
        assert again == one
        assert encode(again) == stored

    reads_back()


def declared() -> Iterator[Resource[Any] | Store[Any]]:
    for module in pkgutil.walk_packages(simulator.__path__, "simulator."):
        if not module.name.endswith("__main__"):
            for value in vars(import_module(module.name)).values():
                if isinstance(value, Resource | Store) and value.row is not Row:
                    yield value


def test_every_table_that_is_declared_anywhere_is_known() -> None:
    assert {one.name: one.row for one in declared()}.items() <= row_classes().items()


def check_contains(whole: Any, part: Any, path: str = "") -> None:
    """Whatever stands in `part` stands in `whole` as well."""
    if isinstance(part, dict):
        for name, value in part.items():
            assert name in whole, f"{path}.{name}"
            check_contains(whole[name], value, f"{path}.{name}")
    elif isinstance(part, list):
        assert len(whole) == len(part), path
        for number, (one, other) in enumerate(zip(whole, part, strict=True)):
            check_contains(one, other, f"{path}.{number}")
    else:
        assert whole == part, path


def test_a_document_of_the_first_version_is_still_read() -> None:
    golden = GOLDEN.read_bytes()
    taken = importer(wall).read(golden)
    told = json.loads(golden)
    # The hash is of what this version makes of it.
    del told["hash"]
    check_contains(json.loads(b"".join(exporter().write(taken))), told)


def test_the_golden_document_opens_as_a_world() -> None:
    worlds = Worlds()
    worlds.load(importer(wall).read_all(GOLDEN.read_bytes()))
    world = worlds.default
    assert world.seed == 5
    assert sorted(world.snapshots) == ["before-the-second-bill"]
    bills = [table for (name, _), table in world.tables.items() if name == "bills"]
    assert [[str(bill.amount) for bill in table] for table in bills] == [["149.00", "20.10"]]
    kept = world.snapshots["before-the-second-bill"].tables
    assert [len(table) for (name, _), table in kept.items() if name == "bills"] == [1]


def test_a_founded_world_is_the_same_in_every_server() -> None:
    start = datetime(2026, 6, 3, 16, tzinfo=UTC)
    documents = {
        b"".join(exporter().write(image(Worlds().make("one", seed=5, start=start))))
        for _ in range(2)
    }
    assert len(documents) == 1
