"""A simulator with rows, in a process of its own: `python -m benchmarks.serve_rows 1000`.

Prints one line of JSON once it listens, and ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from decimal import Decimal
from time import perf_counter
from typing import Any

from simulator import Simulator
from simulator.core.context import Ctx
from simulator.core.limits import Limits
from simulator.core.listing import Grammar, ListQuery
from simulator.core.paging import read_page
from simulator.core.world import World
from simulator.resources import bill_rows, bills, vendors
from simulator.resources.addresses import AddressBody
from simulator.resources.vendor_rows import VendorCreate
from simulator.server import spare_collector

# Bills made in one operation: what it may have to undo stays small.
_BATCH = 1_000
_BILLS_PER_VENDOR = 1_000
_FEWEST_VENDORS = 10


def _vendor(ctx: Ctx, number: int) -> str:
    address = AddressBody(
        line1="1 Main Street",
        city="Boise",
        state_or_province="ID",
        zip_or_postal_code="83702",
        country="US",
    )
    return vendors.create(ctx, VendorCreate(name=f"Vendor {number}", address=address)).id


def _bills(ctx: Ctx, vendor_ids: list[str], numbers: range) -> list[str]:
    made = []
    for number in numbers:
        body = bill_rows.BillCreate(
            vendor_id=vendor_ids[number % len(vendor_ids)],
            due_date=ctx.today + timedelta(days=number * 7919 % 365),
            bill_line_items=[
                bill_rows.LineBody(
                    amount=Decimal(100 + number * 6007 % 999_900) / 100,
                    description="Drum foot pedal",
                )
            ],
            invoice=bill_rows.InvoiceBody(invoice_number=f"R-{number}", invoice_date=ctx.today),
        )
        made.append(bills.create(ctx, body).id)
    return made


def load(world: World, rows: int) -> dict[str, Any]:
    """Fill a world up to `rows` bills; tells their ids and a cursor in their midst."""
    assert world.credentials is not None
    organization_id = world.credentials.organization_id

    def perform(operation: Any, *args: Any) -> Any:
        return world.perform(Ctx(world, world.clock.now(), organization_id), operation, *args)

    table = world.table(bill_rows.bills.name, organization_id)
    known = len(table)
    count = max(_FEWEST_VENDORS, rows // _BILLS_PER_VENDOR)
    vendor_ids = [perform(_vendor, number) for number in range(count)]
    for first in range(known, rows, _BATCH):
        perform(_bills, vendor_ids, range(first, min(rows, first + _BATCH)))
    return {
        "vendors": vendor_ids,
        "bills": [bill.id for bill in table],
        "cursor": read_page(table, Grammar(), ListQuery(max=rows // 2)).next_page,
    }


async def _serve(rows: int) -> None:
    simulator = Simulator()
    world = simulator.worlds.default
    began = perf_counter()
    loaded = load(world, rows)
    seconds = perf_counter() - began
    # BILL's limits on calls would stop the load.
    world.limiter.limits = Limits(
        requests_per_hour=None, logins_per_hour=None, concurrent=None, texts_per_minute=None
    )
    await simulator.start()
    spare_collector()
    credentials = world.credentials
    assert credentials is not None
    told = {
        **loaded,
        "port": simulator.port,
        "seconds": seconds,
        "devKey": credentials.dev_key,
        "organizationId": credentials.organization_id,
        "username": credentials.username,
        "password": credentials.password,
    }
    print(json.dumps(told), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await simulator.stop()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
