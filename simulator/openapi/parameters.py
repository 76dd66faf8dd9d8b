"""What a call brings beside its body: path, query, headers, and the list grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from simulator.core.listing import DEFAULT_MAX, LARGEST_MAX, Field, Grammar, Kind, Op
from simulator.core.resource import Access, Operation
from simulator.openapi.schemas import Json

_HEADERS: Mapping[str, str] = {
    "devKey": "The developer key; it also tells which world a call is for.",
    "sessionId": "The session, from a sign-in.",
    "appKey": "A partner's application key; it also tells the world.",
    "apiToken": "The token of Spend & Expense; it also tells the world.",
}
SECURITY_SCHEMES: Json = {
    name: {"type": "apiKey", "in": "header", "name": name, "description": text}
    for name, text in _HEADERS.items()
}
_OF_ORGANIZATION: Json = {"devKey": [], "sessionId": []}
_OF_PARTNER: Json = {"appKey": [], "sessionId": []}
# One of the members of a list must be brought, and all that it names.
SECURITY: Mapping[Access, list[Json]] = {
    Access.SIGN_IN: [],
    Access.PARTNER_SIGN_IN: [],
    Access.SESSION: [_OF_ORGANIZATION],
    Access.SESSION_ALONE: [{"sessionId": []}],
    Access.PARTNER: [_OF_PARTNER],
    Access.ANY_SESSION: [_OF_ORGANIZATION, _OF_PARTNER],
    Access.EVENTS: [_OF_ORGANIZATION, _OF_PARTNER, {"apiToken": []}],
    Access.NOTHING: [],
}

_PLACE = re.compile(r"{(\w+)}")
IDEMPOTENT_KEY = "X-Idempotent-Key"


def path_names(path: str) -> list[str]:
    """The names of a path's parameters, in their order."""
    return _PLACE.findall(path)


def path_parameters(path: str) -> list[Json]:
    """The parameters in a path."""
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in path_names(path)
    ]


def parameters(operation: Operation, query: Json | None) -> list[Json]:
    """All parameters of an operation; `query` is the schema of its query model, if it has one."""
    told = path_parameters(operation.path)
    if query is not None:
        told += _of_query(query)
    if operation.listing is not None:
        told += _of_list(operation.listing)
    headers = [*operation.headers, *([IDEMPOTENT_KEY] if operation.idempotent else [])]
    for name in headers:
        schema: Json = {"type": "string"}
        if name == IDEMPOTENT_KEY:
            schema["format"] = "uuid"
        told.append({"name": name, "in": "header", "required": True, "schema": schema})
    return told


def _of_query(model: Json) -> Iterator[Json]:
    required = model.get("required", ())
    for name, schema in model["properties"].items():
        # A query cannot say null.
        kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
        yield {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": kinds[0] if len(kinds) == 1 else schema,
        }


def _of_list(grammar: Grammar) -> Iterator[Json]:
    yield _in_query(
        "max",
        "Records on a page.",
        type="integer",
        minimum=1,
        maximum=LARGEST_MAX,
        default=DEFAULT_MAX,
    )
    yield _in_query("page", "nextPage or prevPage of another answer.", type="string")
    if grammar.filters:
        lines = (
            f"- `{name}` ({one.kind.name}): {' '.join(op for op in Op if op in one.ops)}"
            for name, one in grammar.filters.items()
        )
        text = (
            "Conditions `field:op:value`, joined by commas; all must hold. A value with a comma"
            " stands in double quotes.\n\n"
        )
        yield {
            **_in_query(
                "filters",
                text + "\n".join(lines),
                type="string",
                pattern=_joined(map(_condition, grammar.filters.values())),
            ),
            "x-fields": {
                name: {"kind": one.kind.name, "operators": [op for op in Op if op in one.ops]}
                for name, one in grammar.filters.items()
            },
        }
    if grammar.filters and grammar.sorts:
        names = "|".join(map(re.escape, grammar.sorts))
        yield {
            **_in_query(
                "sort",
                "`field:asc` or `field:desc`, joined by commas: " + ", ".join(grammar.sorts),
                type="string",
                pattern=_joined([f"({names})(:(asc|desc))?"]),
            ),
            "x-fields": list(grammar.sorts),
        }


def _in_query(name: str, description: str, **schema: Any) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _joined(parts: Any) -> str:
    one = f"({'|'.join(parts)})"
    return f"^{one}(,{one})*$"


_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_VALUES = {
    "date": _DAY,
    "instant": _DAY + r"(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?Z)?",
    "number": r"-?[0-9]+(\.[0-9]+)?",
}


def _condition(field: Field) -> str:
    value = _value(field.kind)
    several = {Op.IN, Op.NIN} & field.ops
    single = field.ops - several
    name = re.escape(field.name)
    parts = []
    if single:
        parts.append(f"{name}:({'|'.join(sorted(single))}):{value}")
    if several:
        parts.append(f'{name}:({"|".join(sorted(several))}):("{value}(,{value})*"|{value})')
    return "|".join(parts)


def _value(kind: Kind) -> str:
    if kind.members:
        return f"({'|'.join(map(re.escape, kind.members))})"
    return _VALUES.get(kind.name, '[^",]+')
