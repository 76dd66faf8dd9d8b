"""`python -m benchmarks.webhooks`: 10,000 events told to 10 subscriptions, some of which fail.

The simulator runs in this process, the receivers in another. What is printed:
whether all came, once each but for what was refused, at which rate for each
second of this process's CPU time (making the bills is part of it), and what the
process held on the way.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from time import perf_counter, process_time
from typing import Any

from benchmarks.processes import resident, running
from simulator.core.context import Ctx
from simulator.core.world import World
from simulator.resources.bill_rows import BillCreate, InvoiceBody, LineBody
from simulator.resources.bills import create
from simulator.resources.subscription_rows import (
    SubscribedEvent,
    Subscription,
    SubscriptionStatus,
    subscriptions,
)
from simulator.resources.vendor_rows import vendors
from simulator.webhooks.dispatcher import Dispatcher
from simulator.webhooks.sender import Sender
from simulator.worlds import Worlds

_SLICE = 250
_START = datetime(2026, 6, 3, 16, tzinfo=UTC)


def _subscribe(world: World, port: int, paths: list[str]) -> dict[str, str]:
    table = world.table(subscriptions.name, "")
    keys = {path: f"key of {path}" for path in paths}
    for path, key in keys.items():
        table.put(
            Subscription(
                id=path,
                name=path,
                status=SubscriptionStatus(enabled=True),
                events=(SubscribedEvent(type="bill.created", version="1"),),
                notification_url=f"http://127.0.0.1:{port}{path}",
                created_time=_START,
                updated_time=_START,
                owner=_organization(world),
                security_key=key,
            )
        )
    return keys


def _make_bills(world: World, vendor_id: str, first: int, count: int) -> None:
    organization_id = _organization(world)
    for number in range(first, first + count):
        ctx = Ctx(world, world.clock.now(), organization_id)
        body = BillCreate(
            vendor_id=vendor_id,
            due_date=ctx.today,
            bill_line_items=[LineBody(amount=10)],
            invoice=InvoiceBody(invoice_number=f"S-{number}", invoice_date=ctx.today),
        )
        world.perform(ctx, create, body)


async def _soak(events: int, receivers: int, process: Any, port: int) -> None:
    worlds = Worlds()
    world = worlds.make(start=_START)
    dispatcher = Dispatcher(worlds, Sender())
    await dispatcher.start()
    flaky = receivers // 5
    paths = [f"/{n}{'-flaky' if n < flaky else ''}" for n in range(receivers)]
    keys = _subscribe(world, port, paths)
    _tell(process, keys)
    vendor = next(iter(worlds.default.table(vendors.name, _organization(worlds.default))))
    world.table(vendors.name, _organization(world)).put(vendor)
    sent = busy = wall = 0.0
    for first in range(0, events, _SLICE):
        began, cpu = perf_counter(), process_time()
        _make_bills(world, vendor.id, first, _SLICE)
        await dispatcher.settle(world)
        await dispatcher.advance(world, lambda now: now + timedelta(seconds=3))
        wall, busy = wall + perf_counter() - began, busy + process_time() - cpu
        sent = sum(one["events"] + one["refused"] for one in _tell(process).values())
        if (first // _SLICE) % 8 == 7:
            print(f"  {first + _SLICE:>6,} events: {resident(os.getpid()):.0f} MB", flush=True)
    await dispatcher.stop()
    told = _tell(process)
    lost = sum(events - one["events"] for one in told.values())
    print(
        f"{sent:,.0f} signed deliveries: {lost} lost,"
        f" {sum(one['repeated'] for one in told.values())} sent twice,"
        f" {sum(one['forged'] for one in told.values())} with a wrong signature,"
        f" {sum(one['refused'] for one in told.values())} refused once and retried"
    )
    print(f"{sent / busy:,.0f} for each second of CPU time, {sent / wall:,.0f} a second")


def _organization(world: World) -> str:
    assert world.credentials is not None
    return world.credentials.organization_id


def _tell(process: Any, keys: dict[str, str] | None = None) -> dict[str, dict[str, int]]:
    process.stdin.write((json.dumps(keys) if keys else "").encode() + b"\n")
    process.stdin.flush()
    told: dict[str, dict[str, int]] = json.loads(process.stdout.readline())
    return told


def main() -> None:
    """Soak and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.webhooks", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--receivers", type=int, default=10)
    options = parser.parse_args()
    with running("benchmarks.receive") as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        asyncio.run(_soak(options.events, options.receivers, process, port))


if __name__ == "__main__":
    main()
