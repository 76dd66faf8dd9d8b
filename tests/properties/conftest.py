"""How long a property may take."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Six seconds for each example of 50 steps: a failure takes minutes to shrink."""
    steps = settings.default.max_examples * settings.default.stateful_step_count
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(6 * steps / 50))
