"""Members of an answer that belong to another record, such as the vendor's name in a bill."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from simulator.core.context import Ctx, Kept
from simulator.core.rows import Row, changed

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Join(Generic[R]):
    """Members of an answer that belong to another record.

    `key` gives what the members depend on, `apply` the row with them filled in;
    the encoding is kept as long as the key stays the same. With `reads_only`
    they stand in the answers of get and list alone. `keys` gives the keys of
    many rows at once.
    """

    key: Callable[[Ctx, R], Any]
    apply: Callable[[Ctx, R], R]
    reads_only: bool = False
    keys: Callable[[Ctx, Iterable[R]], Iterable[Any]] | None = None


def borrowed(
    member: str, of: Kept[Any], by: str, theirs: str, *, reads_only: bool = False
) -> Join[R]:
    """A join: `member` is `theirs` of the record of `of` whose id stands in `by`."""
    id_of = attrgetter(by)

    def key(ctx: Ctx, row: Any) -> Any:
        return ctx.find(of, id_of(row))

    def keys(ctx: Ctx, rows: Iterable[Any]) -> Iterable[Any]:
        return ctx.table(of).find_all(map(id_of, rows))

    def apply(ctx: Ctx, row: Any) -> Any:
        return changed(row, **{member: getattr(key(ctx, row), theirs, None)})

    return Join(key, apply, reads_only, keys)
