"""Where a behaviour is known from.

Every rule, refusal, state move and setting of the simulator carries one
`Evidence`. The fidelity page and the operations list are generated from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Basis(StrEnum):
    """How sure a behaviour is, strongest first."""

    OBSERVED = "observed"
    DOCUMENTED = "documented"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A basis and the source that a reader can look up."""

    basis: Basis
    source: str

    def __str__(self) -> str:
        return f"{self.basis}: {self.source}"


def documented(source: str) -> Evidence:
    """BILL's own public pages say so."""
    return Evidence(Basis.DOCUMENTED, source)


def observed(source: str) -> Evidence:
    """Somebody met it on the real service and recorded it."""
    return Evidence(Basis.OBSERVED, source)


def assumed(reason: str) -> Evidence:
    """Nobody has said; `reason` tells why this answer is the likely one."""
    return Evidence(Basis.ASSUMED, reason)
