"""What an operation may be refused with: the refusals that its code can reach.

The instructions of the functions are followed from the one that an operation
runs, and from those of the gateway that look at the call before it. All that
can be reached is told, also what a certain call never meets.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, get_args

from simulator.core.context import Ctx
from simulator.core.errors import CATALOGUE, refuse
from simulator.core.limits import Limiter, Limits
from simulator.core.listing import Grammar
from simulator.core.paging import read_page
from simulator.core.resource import Access, Operation
from simulator.core.roles import EVERYONE
from simulator.gateway.validation import read_body, read_query
from simulator.resources import sessions
from simulator.settings import Behaviour

_SIGN_INS = frozenset({Access.SIGN_IN, Access.PARTNER_SIGN_IN})
# What goes by these names, as an argument or a member, is of these classes.
_KNOWN_AS = {"ctx": Ctx, "inside": Ctx, "limiter": Limiter}
_READING_BODIES = frozenset({"body.media_type", "body.too_large", "json.malformed"})
# Which settings choose the status of a refusal.
_CHOSEN = {"BDC_1101": "wrong_password_status"}
_LIMITED = ("BDC_1144", "BDC_1322", "limit.texts", "limit.spend")


def refusal_keys(operation: Operation) -> frozenset[str]:
    """The keys of the catalogue that `operation` may be refused with."""
    found = {key for root in _roots(operation) for key in reachable(root)}
    if operation.body is not None:
        found |= _READING_BODIES - ({"json.malformed"} if operation.body is bytes else set())
    if operation.access is not Access.NOTHING:
        found.add("BDC_1102")
    if operation.access not in _SIGN_INS | {Access.NOTHING} or operation.headers:
        found.add("header.missing")
    if operation.access is Access.EVENTS:
        found |= {"token.invalid", "limit.spend"}
    if operation.idempotent:
        found |= {"idempotent_key.in_use", "field.invalid"}
    if operation.roles != EVERYONE:
        found.add("BDC_1145")
    return frozenset(found)


def statuses(operation: Operation, key: str) -> tuple[int, ...]:
    """The HTTP statuses that a refusal may have, the usual one first."""
    if key in _LIMITED:
        return get_args(Limits.model_fields["status"].annotation)
    setting = _CHOSEN.get(key)
    if key == "BDC_1102" and operation.access in _SIGN_INS:
        setting = "login_key_status"
    if setting is None:
        return (CATALOGUE[key].status,)
    return get_args(Behaviour.model_fields[setting].annotation)


def _roots(operation: Operation) -> Iterator[Callable[..., Any]]:
    """The functions that a call of `operation` comes by."""
    yield operation.run
    if operation.listing is not None:
        yield from (Grammar.read, read_page)
    if operation.query is not None:
        yield read_query
    if operation.body not in (None, bytes):
        yield read_body
    if operation.access is not Access.NOTHING:
        yield Limiter.call
    if operation.access in _SIGN_INS:
        yield Limiter.login
    elif operation.access is not Access.NOTHING:
        yield sessions.authenticate
        if operation.access is not Access.SESSION_ALONE:
            yield Limiter.enter
    if operation.trusted:
        yield sessions.require_trust


@cache
def reachable(function: Callable[..., Any]) -> frozenset[str]:
    """The keys of all refusals in `function` and in what it calls of the simulator."""
    found: set[str] = set()
    seen: set[FunctionType] = set()
    waiting = [_plain(function)]
    while waiting:
        one = waiting.pop()
        if one is None or one in seen:
            continue
        seen.add(one)
        for code in _codes(one.__code__):
            used = list(_used(code, one))
            waiting += map(_plain, used)
            if refuse in used:
                found.update(key for key in code.co_consts if key in _KEYS)
    return frozenset(found)


_KEYS = frozenset(CATALOGUE)


def _plain(value: Any) -> FunctionType | None:
    if isinstance(value, MethodType):
        value = value.__func__
    if isinstance(value, FunctionType) and value is not refuse:
        return value if value.__module__.startswith("simulator.") else None
    return None


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code, and that of the functions written inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _used(code: CodeType, function: FunctionType) -> Iterator[Any]:
    """Whatever `code` of `function` names, by itself or as a member of what it names."""
    closure = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    cls = function.__globals__.get(function.__qualname__.partition(".")[0])
    known_as = {**_KNOWN_AS, "self": cls if isinstance(cls, type) else None}
    value: Any = None
    for step in dis.get_instructions(code):
        name = step.argval
        if step.opname in _MEMBERS and value is not None:
            value = _member(value, name)
        elif step.opname == "LOAD_GLOBAL":
            value = function.__globals__.get(name)
        elif isinstance(name, str) and step.opname.startswith(("LOAD_DEREF", "LOAD_FAST")):
            value = closure[name].cell_contents if name in closure else known_as.get(name)
        else:
            value = None
        if value is not None:
            yield value


_MEMBERS = frozenset({"LOAD_ATTR", "LOAD_METHOD"})


def _member(value: Any, name: str) -> Any:
    if name in _KNOWN_AS:
        return _KNOWN_AS[name]
    if isinstance(value, ModuleType) and not value.__name__.startswith("simulator."):
        return None
    return getattr(value, name, None)


def in_order(keys: Iterable[str]) -> list[str]:
    """Keys as the catalogue has them one after the other."""
    wanted = set(keys)
    return [key for key in CATALOGUE if key in wanted]
