"""What the server has done and what it holds, for Prometheus. /_sim/metrics"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from aiohttp import web

from simulator.control.calls import WORLDS
from simulator.core.counts import Count
from simulator.resources.sessions import sessions
from simulator.version import VERSION
from simulator.worlds import Worlds

# Version 0.0.4 of the text format, which every Prometheus reads.
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# Tables that hold no records of BILL's.
_NO_ROWS = frozenset({"timers", "outbox", sessions.name})

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


async def get_metrics(request: web.Request) -> web.Response:
    """Tell the server's counters and sizes in Prometheus' text format."""
    text = "\n".join(_lines(request.app[WORLDS])) + "\n"
    return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})


def _lines(worlds: Worlds) -> Iterator[str]:
    yield from _metric(
        "bill_simulator_info", "gauge", "The version that runs.", ("version",), {(VERSION,): 1}
    )
    for count in worlds.counts:
        yield from _counter(count)
    tables: Counter[tuple[str, ...]] = Counter()
    for world in worlds:
        for (name, _), table in world.tables.items():
            tables[(name,)] += len(table)
    waiting = tables[("timers",)]
    signed_in = tables[(sessions.name,)]
    rows = {labels: number for labels, number in tables.items() if labels[0] not in _NO_ROWS}
    yield from _gauge("worlds", "Worlds that exist.", len(list(worlds)))
    yield from _gauge("sessions", "Sessions neither signed out nor swept away.", signed_in)
    yield from _gauge("timers_waiting", "Timers still to come.", waiting)
    name = "bill_simulator_rows"
    yield from _metric(name, "gauge", "Records in all worlds.", ("resource",), rows)


def _gauge(name: str, text: str, value: int) -> Iterator[str]:
    return _metric(f"bill_simulator_{name}", "gauge", text, (), {(): value})


def _counter(count: Count) -> Iterator[str]:
    return _metric(count.name, "counter", count.text, count.labels, count)


def _metric(
    name: str,
    kind: str,
    text: str,
    labels: Iterable[str],
    values: Mapping[tuple[str, ...], int],
) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"
    for told, number in sorted(values.items()):
        pairs = ",".join(
            f'{label}="{value.translate(_ESCAPES)}"'
            for label, value in zip(labels, told, strict=True)
        )
        yield f"{name}{{{pairs}}} {number}" if pairs else f"{name} {number}"
