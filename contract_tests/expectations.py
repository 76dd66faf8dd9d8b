"""What checks say about an answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from contract_tests.client import Answer
from contract_tests.shapes import REFUSAL, faults

NO_DATA = "No data found for object with given ID."
NO_SESSION = "Session is invalid.  Please log in."
NO_TRUST = "Untrusted session."


def told(answer: Answer, status: int) -> Any:
    """The body of an answer that has `status`."""
    assert answer.status == status, f"{answer.status} instead of {status}: {answer.body}"
    return answer.body


def made_as(record: Any, shape: Any) -> None:
    """The record has BILL's members, each of its kind, and no null."""
    found = faults(record, shape)
    assert not found, "; ".join(found)


def refused(answer: Answer, status: int, code: str | None, message: str = "") -> None:
    """The answer is BILL's array of refusals; one item has this code and begins with `message`."""
    told(answer, status)
    assert answer.headers.get("Content-Type", "").startswith("application/json")
    found = faults(answer.body, REFUSAL)
    assert not found, "; ".join(found)
    assert answer.body, "a refusal without an item"
    for item in answer.body:
        assert {"timestamp", "severity", "category", "message"} <= set(item), item
        assert item["severity"] in ("ERROR", "WARNING", "INFORMATION"), item
        assert item["category"] in ("REQUEST", "APPLICATION", "SERVER", "DOWNSTREAM"), item
    known = [(item.get("code"), item["message"]) for item in answer.body]
    fitting = [one for one in known if one[0] == code and one[1].startswith(message)]
    assert fitting, f"no {code} {message!r} in {known}"


def cents(amount: float) -> Decimal:
    """An amount as BILL's money: to the cent."""
    exact = Decimal(str(amount))
    assert exact == exact.quantize(Decimal("0.01")), f"{amount} has parts of a cent"
    return exact.quantize(Decimal("0.01"))


def amounts(record: dict[str, Any], *names: str) -> list[Decimal]:
    """These members of a record, to the cent; 0 for one that is left out."""
    return [cents(record.get(name, 0)) for name in names]
