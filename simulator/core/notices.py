"""What BILL tells of a change by webhook: the payload of an event, beside its metadata.

A resource declares, for each of its events, how the payload is made from the
committed record, and a sample of it for test notifications.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import ConfigDict

from simulator.core.context import Ctx
from simulator.core.evidence import Evidence
from simulator.core.rows import Answer

# The catalog names no other version (documented).
VERSION = "1"


def hyphenated(name: str) -> str:
    """The key of an entity in a payload: `bank_account` is `bank-account`."""
    return name.replace("_", "-")


class Payload(Answer):
    """Base of payloads: one member for each key beside `metadata`.

    Their keys are hyphenated where two words (documented); what lies below is
    camelCase as everywhere.
    """

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=hyphenated, validate_by_name=True, validate_by_alias=True
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """An event of BILL's catalog. `tell` makes its payload from the record after the change.

    Without `tell` nothing here makes the event happen: it comes by test notifications alone.
    """

    type: str
    sample: Payload
    evidence: Evidence
    tell: Callable[[Ctx, Any], Payload] | None = None
