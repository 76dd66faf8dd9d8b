"""Exchange rates of payments in other currencies. /v3/payments/exchange-rate

Rates stand still; their batches follow the world's clock and live for twenty
minutes, so an old batch is refused as BILL refuses it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from simulator.core.body import Body, NotBlank, Paid
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented
from simulator.core.money import Money, cents
from simulator.core.resource import Resource
from simulator.core.rows import Answer, Instant, Shape, shape
from simulator.resources.vendor_rows import Vendor, vendors

# BILL reference: a batch lives twenty minutes at most.
_BATCH_LIFE = timedelta(minutes=20)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_FIRST_BATCH = 35_000
_LARGEST = Decimal("1000000")


class RateQuery(Body):
    """For whom, and how much; with `baseCurrency` the amount is in dollars."""

    vendor_id: NotBlank
    amount: Paid
    base_currency: bool | None = None


@shape
class AmountRange(Shape):
    """The amounts for which a rate holds."""

    from_: Money
    to: Money


@shape
class ExchangeRate(Answer):
    """Units of the payment currency for one dollar."""

    payment_currency: str
    base_currency: str
    bill_currency: str
    exchange_rate: Money
    exchange_rate_batch_id: int
    amount_range: AmountRange
    expiration_time: Instant
    vendor_id: str


exchange_rates = Resource("exchange_rates", "/v3/payments/exchange-rate", Vendor)


@cache
def _rates() -> Mapping[str, Decimal]:
    text = files("simulator").joinpath("data", "exchange_rates.csv").read_text("utf-8")
    records = csv.DictReader(text.splitlines())
    return MappingProxyType({one["currency"]: Decimal(one["per_usd"]) for one in records})


@exchange_rates.rule(
    "Thirty currencies have a rate, which never changes; a bill or payment in another one is"
    " refused.",
    assumed("BILL's rates are a service of their own; that of EUR is its documented sample"),
)
def rate_of(currency: str) -> Decimal:
    """Units of `currency` for one dollar. Raises `Refusal`."""
    rate = _rates().get(currency)
    if rate is None:
        raise refuse("rate.unknown", currency=currency)
    return rate


def in_dollars(amount: Decimal, rate: Decimal) -> Decimal:
    """What `amount` costs in dollars, to the cent."""
    return amount if rate == 1 else cents(amount / rate)


@exchange_rates.rule(
    "A batch of rates ends every twenty minutes; all rates of a moment share it.",
    documented("BILL reference: Get exchange rate; changelog 2026-01-20"),
)
def present_batch(ctx: Ctx) -> int:
    """The id of the rates that hold now."""
    return _FIRST_BATCH + (ctx.now - _EPOCH) // _BATCH_LIFE


@exchange_rates.operation(
    "GET",
    "",
    query=RateQuery,
    evidence=documented("BILL reference: Get exchange rate, with the members of 2026"),
)
def get_rate(ctx: Ctx, query: RateQuery) -> ExchangeRate:
    """Get the present rate of a vendor's currency."""
    vendor = ctx.get(vendors, query.vendor_id)
    account = vendor.payment_information.bank_account
    currency = (account and account.payment_currency) or vendor.bill_currency
    batch = present_batch(ctx)
    return ExchangeRate(
        payment_currency=currency,
        base_currency="USD",
        bill_currency=vendor.bill_currency,
        exchange_rate=rate_of(currency),
        exchange_rate_batch_id=batch,
        amount_range=AmountRange(from_=Decimal(0), to=_LARGEST),
        expiration_time=_EPOCH + (batch - _FIRST_BATCH + 1) * _BATCH_LIFE,
        vendor_id=vendor.id,
    )
