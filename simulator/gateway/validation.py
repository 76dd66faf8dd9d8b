"""Reading bodies and query parameters, and refusing them in BILL's words.

A value of the wrong JSON type or an unknown enumeration member ends Jackson's
reading at once: one item. Otherwise bean validation tells all faulty fields,
one item per field, with dotted paths (observed on the sandbox).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, from_json

from simulator.core.body import NOT_BLANK
from simulator.core.errors import Refusal, refuse, together

_JAVA_TYPES = {
    "bool": "java.lang.Boolean",
    "date": "java.time.LocalDate",
    "decimal": "java.math.BigDecimal",
    "dict": "java.util.LinkedHashMap",
    "float": "java.lang.Double",
    "int": "java.lang.Integer",
    "instant": "java.time.OffsetDateTime",
    "list": "java.util.ArrayList",
    "string": "java.lang.String",
}


@cache
def _adapter(body: Any) -> TypeAdapter[Any]:
    return TypeAdapter(body)


def read_body(body: Any, raw: bytes) -> Any:
    """`raw` JSON as an instance of `body`. Raises a 400 `Refusal`."""
    # Jackson reads a bare null as no body at all.
    if raw.strip() in (b"", b"null"):
        raise refuse("body.missing")
    try:
        # JSON knows no NaN; the fast reader would let one pass in an unknown member.
        if b"NaN" in raw or b"Infinity" in raw:
            from_json(raw, allow_inf_nan=False)
        read = _adapter(body).validator.validate_json
        # Only BILL's own names: our code may also use Python's.
        return read(raw, by_alias=True, by_name=False)
    except ValidationError as failure:
        raise _refusal(body, failure.errors(include_url=False)) from None
    except ValueError as failure:
        raise refuse("json.malformed", problem=failure) from None


def read_query(model: type[BaseModel], parameters: Mapping[str, str]) -> BaseModel:
    """Query parameters as an instance of `model`. Raises a 400 `Refusal`."""
    try:
        return model.model_validate(parameters, by_alias=True, by_name=False)
    except ValidationError as failure:
        error = failure.errors(include_url=False)[0]
        name = _path(error["loc"])
        if error["type"] == "missing":
            raise refuse("parameter.missing", name=name, type="String") from None
        if error["type"] in ("enum", "invalid"):
            raise refuse("BDC_1129", parameter=name, value=error["input"]) from None
        told = _bean(error, name, None)
        if told is None:
            java = _JAVA_TYPES.get(error["type"].split("_")[0], "java.lang.String")
            told = refuse("parameter.type", type=java, value=error["input"])
        raise told from None


def _refusal(body: Any, errors: Sequence[ErrorDetails]) -> Refusal:
    told: dict[str, Refusal] = {}
    for error in errors:
        path = _path(error["loc"])
        refusal = _bean(error, path, _field(body, error["loc"]))
        if refusal is None:
            return _jackson(body, error)
        told.setdefault(path, refusal)
    return together(told.values())


def _path(location: Sequence[int | str]) -> str:
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if path else step
    return path


def _bean(error: ErrorDetails, path: str, field: FieldInfo | None) -> Refusal | None:
    """The item of bean validation for an error, or None if Jackson refuses it."""
    kind, values = error["type"], error.get("ctx", {})
    if kind == "missing" or error["input"] is None:
        blank = field is not None and NOT_BLANK in field.metadata
        return refuse("field.blank" if blank else "field.null", field=path)
    match kind:
        case "blank":
            return refuse("field.blank", field=path)
        case "invalid":
            return refuse("field.invalid", field=path)
        case "too_short":
            return refuse("field.empty", field=path)
        case "string_too_short":
            return refuse("field.size", field=path, min=values["min_length"], max=2147483647)
        case "string_too_long" | "too_long":
            return refuse("field.size", field=path, min=0, max=values["max_length"])
        case "greater_than":
            return refuse("field.above", field=path, limit=values["gt"])
        case "greater_than_equal":
            return refuse("field.min", field=path, limit=values["ge"])
        case "less_than_equal":
            return refuse("field.max", field=path, limit=values["le"])
        case "finite_number" | "decimal_max_digits" | "decimal_whole_digits":
            return refuse("field.digits", field=path, integer=12, fraction=6)
    return None


def _jackson(body: Any, error: ErrorDetails) -> Refusal:
    kind, value = error["type"], error["input"]
    if kind == "json_invalid":
        return refuse("json.malformed", problem=error["ctx"]["error"])
    if kind == "surrogate":
        return refuse("json.malformed", problem="lone surrogate in a string")
    if kind.startswith("model"):
        name = _model_name(body, error["loc"])
        return refuse("field.object", type=name, token=_token(value))
    if kind == "enum":
        members = _enumeration(body, error["loc"])
        if not isinstance(value, str):
            return refuse("field.type", type=members.__name__, token=_token(value))
        values = ", ".join(sorted(str(member.value) for member in members))
        return refuse("field.enum", type=members.__name__, value=value, values=values)
    if kind == "bool_parsing":
        return refuse("field.boolean", value=value)
    if kind.startswith("date"):
        if isinstance(value, str):
            return refuse("field.date", value=value)
        return refuse("field.type", type=_JAVA_TYPES["date"], token=_token(value))
    java = _JAVA_TYPES.get(kind.split("_")[0], "java.lang.Object")
    return refuse("field.type", type=java, token=_token(value))


def _token(value: object) -> str:
    match value:
        case bool():
            return f"Boolean value (token `JsonToken.VALUE_{str(value).upper()}`)"
        case str():
            return f'String value ("{value}")'
        case int():
            return "Integer value (token `JsonToken.VALUE_NUMBER_INT`)"
        case float():
            return "Floating-point value (token `JsonToken.VALUE_NUMBER_FLOAT`)"
        case list():
            return "Array value (token `JsonToken.START_ARRAY`)"
    return "Object value (token `JsonToken.START_OBJECT`)"


def _field(body: Any, location: Sequence[int | str]) -> FieldInfo | None:
    """The declaration of the member at `location`, or None."""
    kind: Any = body
    field: FieldInfo | None = None
    for step in location:
        kind = _bare(kind)
        if isinstance(step, int):
            kind = get_args(kind)[0] if get_origin(kind) is list else None
            field = None
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = kind.model_fields.values()
            field = next((f for f in fields if f.alias == step), None)
            kind = field.annotation if field else None
        else:
            return None
    return field


def _bare(kind: Any) -> Any:
    """A type without `| None` and without annotations."""
    if get_origin(kind) in (Union, UnionType):
        kind = next(arg for arg in get_args(kind) if arg is not type(None))
    while hasattr(kind, "__metadata__"):
        kind = get_args(kind)[0]
    return kind


def _kind_at(body: Any, location: Sequence[int | str]) -> Any:
    if location and isinstance(location[-1], int):
        kind = _kind_at(body, location[:-1])
        return _bare(get_args(kind)[0])
    field = _field(body, location)
    return _bare(field.annotation if field else body)


def _model_name(body: Any, location: Sequence[int | str]) -> str:
    # Java classes are not called Body; the rest of a name is BILL's guess as ours.
    name = getattr(_kind_at(body, location), "__name__", "Object")
    return str(name).removesuffix("Body")


def _enumeration(body: Any, location: Sequence[int | str]) -> type[Enum]:
    found: type[Enum] = _kind_at(body, location)
    return found
