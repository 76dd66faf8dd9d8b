"""Automatic payment of a vendor's bills, as far as BILL tells of it: that it failed."""

from __future__ import annotations

from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented
from simulator.core.simulations import Details, when
from simulator.resources import autopay_notices
from simulator.resources.autopay_notices import AutopayFailure
from simulator.resources.vendor_rows import Vendor, vendors

vendors.rule(
    "A vendor's autoPay is kept and answered, but pays nothing.",
    assumed("only a simulator leaves it out; an automatic payment would be one of payments"),
)


class AutopayDetails(Details):
    """Why the payment failed: BILL's code of the error."""

    code: AutopayFailure = AutopayFailure.BANK_ACCOUNT_INACTIVE


@vendors.simulation(
    "autopay.failed",
    details=AutopayDetails,
    states=when("autoPay.enabled", {True}),
    evidence=documented("BILL guide: Webhook event catalog and autopay payload"),
)
def failed(ctx: Ctx, vendor_id: str, details: AutopayDetails) -> Vendor:
    """An automatic payment of a vendor's bill fails; the webhook event is all there is of it."""
    vendor = ctx.get(vendors, vendor_id)
    ctx.emit("autopay.failed", autopay_notices.failed(ctx, vendor, details.code))
    return vendor
