"""Frozen bytes: what is written once must not change unnoticed.

`UPDATE_GOLDEN=1 python -m pytest …` writes the files anew; the change then shows in the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"


def check_golden(name: str, content: bytes) -> None:
    """Fail unless `content` is what the golden file `name` (`notices/bill.created.json`) holds."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert path.exists(), f"{name} is not there: write it with UPDATE_GOLDEN=1"
    assert content == path.read_bytes(), f"not what {name} holds"
