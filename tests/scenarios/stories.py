"""A small scenario for tests, as YAML and as data to change."""

from __future__ import annotations

import copy
from typing import Any

from simulator.scenarios.format import Scenario, parse
from simulator.scenarios.places import Source
from simulator.scenarios.reading import read

SMALL = """\
name: small
title: Two bills
story: Two bills of one vendor are open.
task: Pay the rent.
world:
  start: 2026-06-10T16:00:00Z
  behaviour: {mfa: bypassed}
  vendors:
    orchard:
      name: Orchard Office Park
      accountType: BUSINESS
      address: {line1: 1 Way, city: Boise, stateOrProvince: ID, zipOrPostalCode: 83702, country: US}
  bills:
    rent:
      vendor: orchard
      dueDate: 2026-06-30
      invoice: {invoiceNumber: RENT-07, invoiceDate: 2026-06-01}
      billLineItems: [{amount: 4150.00}]
    parking:
      vendor: orchard
      dueDate: 2026-07-30
      invoice: {invoiceNumber: PARK-07, invoiceDate: 2026-06-01}
      billLineItems: [{amount: 80}]
timeline:
  - at: 2026-06-11T16:00:00Z
    limits: {requestsPerHour: 100}
expect:
  records:
    - {record: rent, is: {paymentStatus: SCHEDULED}}
"""


def small() -> dict[str, Any]:
    """The data of SMALL."""
    data: dict[str, Any] = copy.deepcopy(read(SMALL).data)
    return data


def story(**parts: Any) -> Scenario:
    """SMALL with other parts; those of `world` are added to its world."""
    data = small()
    data["world"].update(parts.pop("world", {}))
    return parse(Source({**data, **parts}))


def payment(**more: Any) -> dict[str, Any]:
    """The body of a payment of the rent, as scenarios write it."""
    return {
        "bill": "rent",
        "amount": 4150.00,
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": "${checking}"},
        "processingOptions": {},
        **more,
    }
