"""What an operation answers, read from the annotation of the function that it runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from simulator.core.errors import Refusal
from simulator.core.resource import Download, Listed, Operation
from simulator.core.rows import Answer


class Form(Enum):
    """How an answer lies in the body."""

    NOTHING = "nothing"
    ONE = "one"
    MANY = "many"
    PAGE = "page"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class AnswerShape:
    """The form of an operation's answer; `kind` is the class of what is in it, if anything is."""

    form: Form
    kind: type[Answer] | None = None


def answer_shape(operation: Operation) -> AnswerShape:
    """What `operation` answers if it does not refuse.

    Raises TypeError if its function does not say so.
    """
    if operation.answers is not None:
        return AnswerShape(Form.ONE, operation.answers)
    found = get_type_hints(operation.run).get("return")
    if found is None:
        raise TypeError(f"{operation.key}: its function does not say what it answers")
    [told] = [one for one in get_args(found) if one is not Refusal] if _is_union(found) else [found]
    if told is NoneType:
        return AnswerShape(Form.NOTHING)
    if told is Download:
        return AnswerShape(Form.BYTES)
    if told is Listed:
        return AnswerShape(Form.PAGE, operation.resource.row)
    if get_origin(told) is list:
        return AnswerShape(Form.MANY, _kind(operation, get_args(told)[0]))
    return AnswerShape(Form.ONE, _kind(operation, told))


def _is_union(found: Any) -> bool:
    return Refusal in get_args(found)


def _kind(operation: Operation, told: Any) -> type[Answer]:
    # What is declared for every resource alike answers the resource's own rows.
    kind = operation.resource.row if isinstance(told, TypeVar) else told
    if not (isinstance(kind, type) and issubclass(kind, Answer) and kind is not Answer):
        raise TypeError(f"{operation.key}: {kind!r} is nothing that can be answered")
    return kind
