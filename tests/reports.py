"""Reports of contract runs, made up for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SANDBOX = "https://gateway.stage.bill.com/connect"


def check(check_id: str = "test_x::test_y", **more: Any) -> dict[str, Any]:
    """A check that passed, without calls."""
    return {
        "id": check_id,
        "title": "Y",
        "behaviours": [],
        "outcome": "passed",
        "seconds": 0.1,
        "reason": "",
        "exchanges": [],
        **more,
    }


def exchange(answer: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "request": "GET /v3/vendors/<vendor:1>",
        "status": 200,
        "codes": [],
        "milliseconds": 1,
        "answer": answer,
        **more,
    }


def report(*checks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A report of a run on BILL's sandbox."""
    return {
        "format": 1,
        "target": "sandbox",
        "baseUrl": SANDBOX,
        "date": "2026-12-01T09:30:00+00:00",
        "run": "3fa91c02",
        "calls": 0,
        "left": [],
        "stays": [],
        "checks": list(checks),
        **more,
    }


def keep(path: Path, *checks: dict[str, Any], **more: Any) -> Path:
    """Write a report into a file."""
    path.write_text(json.dumps(report(*checks, **more)), "utf-8")
    return path
