"""References to the records of a scenario.

`${rent}` stands for the id of the record called rent, `${rent.amount}` for a
member of it as BILL answers it. Where a body of BILL has a member that ends in
Id, it may be written without: `vendor: northwind` is `vendorId: ${northwind}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import (
    no_info_wrap_validator_function,
    plain_serializer_function_ser_schema,
)

from simulator.scenarios.places import Path

_KEY = r"[A-Za-z][A-Za-z0-9_-]{0,63}"
Key = Annotated[str, StringConstraints(pattern=f"^{_KEY}$")]

# Members that end in Id and name no record.
NO_REFERENCES = frozenset({"taxId"})

_REFERENCE = re.compile(rf"\$\{{({_KEY})((?:\.\w+)*)\}}", re.ASCII)


def references(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Each key that `value` refers to, with the path of the text it stands in."""
    if isinstance(value, str):
        for found in _REFERENCE.finditer(value):
            yield path, found[1]
    elif isinstance(value, dict):
        for name, child in value.items():
            yield from references(child, (*path, name))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from references(child, (*path, index))


def resolved(value: Any, look_up: Callable[[str, str], Any]) -> Any:
    """`value` with its references filled in.

    `look_up` gets a key and the dotted path of a member, empty for the id. A
    text that is nothing but a reference takes the type of what it refers to.
    """
    if isinstance(value, str):
        whole = _REFERENCE.fullmatch(value)
        if whole:
            return look_up(whole[1], whole[2].removeprefix("."))
        return _REFERENCE.sub(
            lambda found: str(look_up(found[1], found[2].removeprefix("."))), value
        )
    if isinstance(value, dict):
        return {name: resolved(child, look_up) for name, child in value.items()}
    if isinstance(value, list):
        return [resolved(child, look_up) for child in value]
    return value


class Written:
    """Annotates a body of BILL's as scenarios write it: checked, and kept as plain data.

    Members that `body` does not have are refused, references without Id are
    written out. `extras` are members of the scenario's own, with their types.
    """

    def __init__(self, body: Any, extras: Mapping[str, Any] | None = None) -> None:
        self.body = body
        self.extras = extras or {}

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return no_info_wrap_validator_function(
            self._check,
            handler.generate_schema(self.body),
            # What is kept is plain data, no body.
            serialization=plain_serializer_function_ser_schema(lambda plain: plain),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        body = handler.resolve_ref_schema(handler(schema))
        extras = {name: TypeAdapter(kind).json_schema() for name, kind in self.extras.items()}
        return {**body, "properties": {**body["properties"], **extras}}

    def _check(self, value: Any, read: ValidatorFunctionWrapHandler) -> Any:
        extras = {}
        if isinstance(value, dict):
            for name in self.extras.keys() & value.keys():
                value = {**value}
                extras[name] = TypeAdapter(self.extras[name]).validate_python(value.pop(name))
        return {**written(self.body, value, read=read), **extras}


def written(
    body: Any, value: Any, path: Path = (), read: Callable[[Any], Any] | None = None
) -> Any:
    """`value` as a body of BILL's with its references spelled out.

    Raises ValidationError, its places below `path`. What a reference stands for
    is not known yet: texts that hold one are checked when they are filled in.
    """
    plain, unknown = spelled_out(body, value)
    error = PydanticCustomError("unknown", "BILL has no such member here")
    errors = [InitErrorDetails(type=error, loc=(*path, *one), input=None) for one in unknown]
    try:
        (read or TypeAdapter(body).validate_python)(plain)
    except ValidationError as failure:
        for found in failure.errors(include_url=False):
            if isinstance(found["input"], str) and "${" in found["input"]:
                continue
            # The text is filled in already: its braces are no places.
            text = found["msg"].replace("{", "(").replace("}", ")")
            told = PydanticCustomError("body", text)
            errors.append(
                InitErrorDetails(type=told, loc=(*path, *found["loc"]), input=found["input"])
            )
    if errors:
        raise ValidationError.from_exception_data("body", errors)
    return plain


def spelled_out(body: Any, value: Any, path: Path = ()) -> tuple[Any, list[Path]]:
    """`value` with its references written out, and the members that `body` does not have."""
    kind = _bare(body)
    unknown: list[Path] = []
    if get_origin(kind) is list and isinstance(value, list):
        items = []
        for index, child in enumerate(value):
            plain, more = spelled_out(get_args(kind)[0], child, (*path, index))
            items.append(plain)
            unknown += more
        return items, unknown
    if not (isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(value, dict)):
        return value, unknown
    members = _members(kind)
    plain_members = {}
    for name, child in value.items():
        is_reference = f"{name}Id" in members and f"{name}Id" not in NO_REFERENCES
        if name not in members and is_reference and isinstance(child, str):
            plain_members[f"{name}Id"] = child if "${" in child else f"${{{child}}}"
        elif name not in members:
            unknown.append((*path, name))
        else:
            plain_members[name], more = spelled_out(members[name], child, (*path, name))
            unknown += more
    return plain_members, unknown


@cache
def _members(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _bare(kind: Any) -> Any:
    """A type without `| None` and without annotations."""
    while True:
        if hasattr(kind, "__metadata__"):
            kind = get_args(kind)[0]
        elif get_origin(kind) in (Union, UnionType):
            kind = next(arg for arg in get_args(kind) if arg is not type(None))
        else:
            return kind
