"""Bank accounts of vendors. /v3/vendors/{vendorId}/bank-account"""

from __future__ import annotations

from simulator.core.bankdays import add_bank_days, pacific_instant
from simulator.core.body import is_routing_number, masked
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented, observed
from simulator.core.roles import ENTER_BILLS
from simulator.core.rows import changed
from simulator.core.simulations import NoDetails, when
from simulator.resources.bank_accounts import BankStatus
from simulator.resources.sessions import require_trust
from simulator.resources.vendor_rows import (
    BankAccountBody,
    BankAccountStatus,
    NetworkStatus,
    PayBySubType,
    PayByType,
    Vendor,
    VendorBankAccount,
    vendors,
)


@vendors.rule(
    "A routing number is an ABA number with its checksum where vendor and currency are of the"
    " United States; elsewhere any text, and none beside an IBAN.",
    documented("BILL reference: vendors (empty for an IBAN); the check of the sum is assumed"),
)
def bank_account(
    ctx: Ctx, vendor: Vendor, body: BankAccountBody, path: str = ""
) -> VendorBankAccount:
    """The account of a body; `path` stands before the names of its members in a refusal."""
    routing_number = body.routing_number or None
    if vendor.domestic and routing_number and not is_routing_number(routing_number):
        raise refuse("field.invalid", field=f"{path}routingNumber")
    checked = ctx.behaviour.vendor_bank_check == "two_bank_days"
    status = BankStatus.PENDING if checked else BankStatus.VERIFIED
    if checked:
        verified_at = pacific_instant(add_bank_days(ctx.today, 2), 6)
        ctx.schedule(verified_at, "vendor_bank_account.verified", vendor.id, ctx.now.isoformat())
    return VendorBankAccount(
        id=vendor.id,
        name_on_account=body.name_on_account,
        account_number=masked(body.account_number),
        routing_number=routing_number,
        type=body.type,
        owner_type=body.owner_type,
        payment_currency=body.payment_currency,
        status=status if ctx.behaviour.newer_fields else None,
        created=ctx.now,
        standing=status,
    )


@vendors.rule(
    "A vendor connected in the BILL network is paid by WALLET, a verified national vendor by RPPS.",
    observed("a connected vendor on the service; RPPS is BILL's guide"),
)
@vendors.rule(
    "A vendor whose bank account turned out to be INVALID is paid by CHECK.",
    assumed("BILL pays by check where it cannot pay electronically"),
)
@vendors.rule(
    "A vendor without bank account is paid by CHECK; with one by ACH, or by"
    " INTERNATIONAL_E_PAYMENT where the country is not US or the bill currency not USD.",
    observed("a fresh vendor on the service shows CHECK; ACH and international are BILL's guide"),
)
def with_bank_account(vendor: Vendor, account: VendorBankAccount | None) -> Vendor:
    """`vendor` with that bank account, or without one, and paid accordingly."""
    status = BankAccountStatus.NO_NET_LINKED_ACCOUNT
    if account is None:
        status = BankAccountStatus.NO_ACCOUNT
    if vendor.network_status is NetworkStatus.CONNECTED:
        pay_by, sub = PayByType.WALLET, PayBySubType.NONE
        status = BankAccountStatus.NET_LINKED_ACCOUNT
    elif vendor.network_status is NetworkStatus.CONNECTED_RPPS:
        pay_by, sub = PayByType.RPPS, PayBySubType.NONE
    elif account is None or account.standing is BankStatus.INVALID:
        pay_by, sub = PayByType.CHECK, PayBySubType.NONE
    elif vendor.domestic and account.routing_number is None:
        # Without a routing number no bank can be reached: a check it stays (assumed).
        pay_by, sub = PayByType.CHECK, PayBySubType.NONE
    elif vendor.domestic:
        pay_by, sub = PayByType.ACH, PayBySubType.ACH
    else:
        pay_by, sub = PayByType.INTERNATIONAL_E_PAYMENT, PayBySubType.LOCAL
    information = changed(
        vendor.payment_information, pay_by_type=pay_by, pay_by_sub_type=sub, bank_account=account
    )
    return changed(vendor, payment_information=information, bank_account_status=status)


@vendors.operation(
    "GET",
    "/{vendorId}/bank-account",
    evidence=documented("BILL reference: Get vendor bank account details"),
)
def get_bank_account(ctx: Ctx, vendor_id: str) -> VendorBankAccount:
    """Get the bank account of a vendor."""
    account = ctx.get(vendors, vendor_id).payment_information.bank_account
    if account is None:
        raise refuse("BDC_1205")
    return account


@vendors.rule(
    "A second bank account for a vendor, or one for a vendor connected or invited in the network,"
    " is BDC_1233.",
    observed(
        "a client met code and text; the text also names international vendors, whom the"
        " reference allows, so they are allowed here"
    ),
)
@vendors.operation(
    "POST",
    "/{vendorId}/bank-account",
    body=BankAccountBody,
    roles=ENTER_BILLS,
    evidence=documented("BILL reference: Create a vendor bank account (answers 200)"),
)
def create_bank_account(ctx: Ctx, vendor_id: str, body: BankAccountBody) -> VendorBankAccount:
    """Give a vendor a bank account."""
    vendor = ctx.get(vendors, vendor_id)
    if ctx.behaviour.vendor_bank_mfa == "required":
        require_trust(ctx)
    if (
        vendor.payment_information.bank_account
        or vendor.network_status is not NetworkStatus.NOT_CONNECTED
    ):
        raise refuse("BDC_1233")
    account = bank_account(ctx, vendor, body)
    _store_bank_account(ctx, vendor, account)
    return account


@vendors.rule(
    "Deleting a bank account while a payment to it runs is allowed; the payment goes on.",
    documented("BILL FAQ"),
)
@vendors.operation(
    "DELETE",
    "/{vendorId}/bank-account",
    status=204,
    roles=ENTER_BILLS,
    evidence=documented("BILL reference: Delete a vendor bank account (answers 204)"),
)
def delete_bank_account(ctx: Ctx, vendor_id: str) -> None:
    """Take a vendor's bank account away."""
    vendor = ctx.get(vendors, vendor_id)
    if ctx.behaviour.vendor_bank_mfa == "required":
        require_trust(ctx)
    account = vendor.payment_information.bank_account
    # What the network shows is not the payer's to delete (assumed).
    if account is None or account.linked:
        raise refuse("BDC_1205")
    _store_bank_account(ctx, vendor, None)


def _store_bank_account(ctx: Ctx, vendor: Vendor, account: VendorBankAccount | None) -> Vendor:
    vendor = with_bank_account(changed(vendor, updated_time=ctx.record_time), account)
    if ctx.behaviour.update_webhooks == "every_change":
        ctx.emit("vendor.updated", vendor)
    return ctx.put(vendors, vendor)


def _checked(ctx: Ctx, vendor_id: str, outcome: BankStatus) -> Vendor:
    """BILL's check of a vendor's bank account ends."""
    vendor = ctx.get(vendors, vendor_id)
    account = vendor.payment_information.bank_account
    assert account is not None
    shown = outcome if ctx.behaviour.newer_fields else None
    return _store_bank_account(ctx, vendor, changed(account, standing=outcome, status=shown))


def _standing(vendor: Vendor) -> BankStatus | None:
    account = vendor.payment_information.bank_account
    return account.standing if account and not account.linked else None


@vendors.timer("vendor_bank_account.verified")
def when_verified(ctx: Ctx, vendor_id: str, created: str) -> None:
    """Two bank days after its creation a vendor's bank account is VERIFIED."""
    account = ctx.get(vendors, vendor_id).payment_information.bank_account
    pending = account is not None and account.standing is BankStatus.PENDING
    if account and pending and account.created.isoformat() == created:
        _checked(ctx, vendor_id, BankStatus.VERIFIED)


_STATUS = "paymentInformation.bankAccount.status"


@vendors.simulation(
    "vendor_bank_account.verified",
    states=when(_STATUS, {BankStatus.PENDING}, _standing),
    course="two bank days after its creation, if `vendor_bank_check` is `two_bank_days`",
    evidence=assumed("a control of the simulator; BILL's check has no call"),
)
def verified(ctx: Ctx, vendor_id: str, details: NoDetails) -> Vendor:
    """BILL's check of a vendor's bank account ends well; the vendor can be paid at once."""
    return _checked(ctx, vendor_id, BankStatus.VERIFIED)


@vendors.simulation(
    "vendor_bank_account.rejected",
    states=when(_STATUS, {BankStatus.PENDING, BankStatus.VERIFIED}, _standing),
    evidence=assumed("a control of the simulator; INVALID is a status of BILL's bank accounts"),
)
def rejected(ctx: Ctx, vendor_id: str, details: NoDetails) -> Vendor:
    """A vendor's bank account turns out to be INVALID; the vendor is paid by check."""
    return _checked(ctx, vendor_id, BankStatus.INVALID)
