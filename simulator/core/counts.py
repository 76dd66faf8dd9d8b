"""What has happened since the server started, counted for Prometheus.

Counts only grow: going back to a snapshot or removing a world takes nothing
from them. None has a label for the world, since test runs make worlds by the
thousand, nor one that a client could fill with words of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator


class Count(Counter[tuple[str, ...]]):
    """One counter: `count["a", "b"] += 1` counts under the values of its `labels`."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        super().__init__()
        self.name = name
        self.text = text
        self.labels = labels


class Counts:
    """All counters of a server. A new one needs a line here and its `+= 1` elsewhere."""

    __slots__ = ("deliveries", "faults", "limits", "requests", "timers")

    def __init__(self) -> None:
        self.requests = Count(
            "bill_simulator_requests_total",
            "Calls of BILL's paths; status is empty if the connection was cut.",
            "method",
            "operation",
            "status",
            "code",
        )
        self.limits = Count(
            "bill_simulator_limits_refused_total",
            "Calls that one of BILL's limits refused.",
            "limit",
        )
        self.faults = Count(
            "bill_simulator_faults_struck_total", "Calls that an injected fault hit.", "effect"
        )
        self.timers = Count(
            "bill_simulator_timers_fired_total", "Timers of the worlds that fell due.", "kind"
        )
        self.deliveries = Count(
            "bill_simulator_deliveries_total", "Attempts to deliver a webhook.", "outcome"
        )

    def __iter__(self) -> Iterator[Count]:
        return iter((self.requests, self.limits, self.faults, self.timers, self.deliveries))
