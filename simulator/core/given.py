"""What callers of the simulator itself give, as limits and faults: not BILL's bodies."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from simulator.core.rows import camel


class Given(BaseModel):
    """Base of such values: camelCase, frozen, and unknown members are refused."""

    model_config = ConfigDict(
        alias_generator=camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        frozen=True,
    )
