from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from simulator.server import spare_collector


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    callbacks = list(gc.callbacks)
    yield
    gc.callbacks[:] = callbacks
    gc.unfreeze()


def test_what_survives_a_full_collection_is_not_looked_at_again() -> None:
    spare_collector()
    kept: list[list[int]] = [[number] for number in range(10_000)]
    before = gc.get_freeze_count()
    gc.collect(1)
    assert gc.get_freeze_count() == before
    gc.collect()
    assert gc.get_freeze_count() >= before + len(kept)
