"""Request bodies and query parameters, as BILL's Java back end reads them.

Jackson turns numbers into strings and strings into numbers or booleans where a
member asks for it, and ignores unknown members (observed). Bean validation
then checks what is required. How a failure reads on the wire is the gateway's
matter; these classes say only what is right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from math import isfinite
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError
from pydantic_core.core_schema import json_or_python_schema, no_info_before_validator_function

from simulator.core.errors import refuse
from simulator.core.money import cents
from simulator.core.rows import Shape, camel

S = TypeVar("S", bound=Shape)


def _java_boolean(value: Any) -> Any:
    """What Jackson makes of a JSON value where a Boolean is asked for."""
    if isinstance(value, str):
        text = value.strip()
        if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
            return text.lower() == "true"
        if text in ("", "null"):
            return None
        raise PydanticKnownError("bool_parsing")
    if isinstance(value, float):
        raise PydanticKnownError("bool_type")
    return value != 0 if isinstance(value, int) else value


def _with_java_booleans(schema: Any) -> Any:
    """`schema` with all its booleans read by `_java_boolean` if they come in JSON.

    In a query parameter Spring takes what pydantic takes: yes, on and 1 as well.
    """
    if isinstance(schema, list):
        return [_with_java_booleans(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind == "bool" or (kind == "nullable" and schema["schema"]["type"] == "bool"):
        as_json = no_info_before_validator_function(_java_boolean, schema)
        return json_or_python_schema(json_schema=as_json, python_schema=schema)
    if kind == "json-or-python":
        return schema
    return {name: _with_java_booleans(part) for name, part in schema.items()}


class Body(BaseModel):
    """Base of request bodies: camelCase on the wire, unknown members ignored."""

    model_config = ConfigDict(
        alias_generator=camel,
        validate_by_name=True,
        extra="ignore",
        coerce_numbers_to_str=True,
        frozen=True,
        allow_inf_nan=False,
        # Over a hundred classes, of which a run needs a few.
        defer_build=True,
    )

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        schema = handler(source)
        model: Any = handler.resolve_ref_schema(schema)
        model["schema"] = _with_java_booleans(model["schema"])
        return schema

    @property
    def given(self) -> frozenset[str]:
        """The names of the members that the caller sent with a value."""
        return frozenset(name for name in self.model_fields_set if getattr(self, name) is not None)


def as_shape(kind: type[S], body: Body | None) -> S | None:
    """The members of `body` as a `kind`, or None if it gives none."""
    members = body.model_dump(exclude_none=True) if body else None
    return kind(**members) if members else None


class _NotBlank:
    """Marks a required text, whose absence reads `must not be blank`."""


NOT_BLANK = _NotBlank()


def _not_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "must not be blank")
    return value


def _plain_text(value: Any, read: ValidatorFunctionWrapHandler) -> str:
    text: str = read(value)
    # A number such as 1e400 was read as infinite; its digits are gone.
    if isinstance(value, float) and not isfinite(value):
        raise PydanticCustomError("string_infinite", "infinite number")
    # Half of a UTF-16 pair cannot be written back as UTF-8.
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("surrogate", "lone surrogate") from None
    return text


def invalid(problem: str = "invalid value") -> PydanticCustomError:
    """What a validator raises for a value that is well-typed but wrong."""
    return PydanticCustomError("invalid", problem)


Text = Annotated[str, WrapValidator(_plain_text)]
NotBlank = Annotated[
    str,
    WrapValidator(_plain_text),
    AfterValidator(_not_blank),
    NOT_BLANK,
    Field(json_schema_extra={"pattern": r"\S"}),
]

# Twelve digits before the point hold more than BILL's largest payment
# (99,999,999.99 by check, Help Center) and keep sums exact as JSON numbers.
LARGEST_AMOUNT = Decimal("999999999999")


def _java_number(value: Any) -> Any:
    # Python's Decimal also reads 1_000 and digits of other scripts, Java's does not.
    if isinstance(value, str) and not (value.isascii() and "_" not in value):
        raise PydanticKnownError("decimal_parsing")
    return value


Amount = Annotated[
    Decimal,
    Field(max_digits=18, ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT),
    BeforeValidator(_java_number),
]


def bounded(amount: Decimal, path: str) -> Decimal:
    """An amount that was reckoned; refused like one that was given if it is too large."""
    if amount > LARGEST_AMOUNT:
        raise refuse("field.max", field=path, limit=LARGEST_AMOUNT)
    return amount


def _positive_cents(value: Decimal) -> Decimal:
    value = cents(value)
    if value <= 0:
        raise PydanticKnownError("greater_than", {"gt": 0})
    return value


# What is paid: in whole cents, and more than nothing.
Paid = Annotated[
    Amount,
    AfterValidator(_positive_cents),
    Field(json_schema_extra={"exclusiveMinimum": 0}),
]


def _real_year(value: date) -> date:
    if not 1900 <= value.year <= 9000:
        raise invalid()
    return value


def _no_unix_time(value: Any) -> Any:
    # Left to itself, pydantic reads a number, also in a text, as seconds since 1970.
    if (isinstance(value, str) and not _DAY.match(value)) or isinstance(value, int | float):
        raise PydanticKnownError("date_type")
    return value


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
Day = Annotated[date, BeforeValidator(_no_unix_time), AfterValidator(_real_year)]


@cache
def countries() -> Mapping[str, str]:
    """The ISO 3166 codes that BILL takes, with their English names."""
    text = files("simulator").joinpath("data", "countries.csv").read_text("utf-8")
    lines = text.splitlines()[1:]
    pairs = (line.split(",", 1) for line in lines)
    return MappingProxyType({code: name.strip('"') for code, name in pairs})


@cache
def currencies() -> frozenset[str]:
    """The ISO 4217 codes that BILL takes."""
    text = files("simulator").joinpath("data", "currencies.csv").read_text("utf-8")
    return frozenset(text.split()[1:])


def _country(value: str) -> str:
    if value not in countries():
        raise invalid()
    return value


def _currency(value: str) -> str:
    if value not in currencies():
        raise invalid()
    return value


def is_routing_number(value: str) -> bool:
    """Whether `value` is nine digits with the checksum of the American Bankers Association."""
    digits = [int(digit) for digit in value if digit.isascii() and digit.isdigit()]
    if len(value) != 9 or len(digits) != 9 or value == "000000000":
        return False
    weights = (3, 7, 1) * 3
    return sum(w * d for w, d in zip(weights, digits, strict=True)) % 10 == 0


def _routing_number(value: str) -> str:
    if not is_routing_number(value):
        raise invalid()
    return value


Country = Annotated[
    str,
    AfterValidator(_country),
    Field(json_schema_extra={"pattern": "^[A-Z]{2}$", "format": "iso-3166-alpha-2"}),
]
Currency = Annotated[
    str,
    AfterValidator(_currency),
    Field(json_schema_extra={"pattern": "^[A-Z]{3}$", "format": "iso-4217"}),
]
# Nine digits with the ABA checksum (assumed: BILL calls any valid one usable).
RoutingNumber = Annotated[
    str,
    AfterValidator(_routing_number),
    Field(json_schema_extra={"pattern": "^[0-9]{9}$", "format": "aba-routing-number"}),
]


def masked(number: str) -> str:
    """An account number as BILL answers it: twelve asterisks and its last four."""
    return "*" * 12 + number[-4:]
