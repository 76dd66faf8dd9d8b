"""Vendors: whom an organization pays, and how. /v3/vendors"""

from __future__ import annotations

from typing import Any

from simulator.core.bulk import all_or_nothing
from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented
from simulator.core.listing import BOOLEAN, INSTANT, TEXT, enumeration, filter_field
from simulator.core.roles import ENTER_BILLS
from simulator.core.rows import changed
from simulator.resources.addresses import address
from simulator.resources.sessions import require_trust
from simulator.resources.vendor_bank_accounts import bank_account, with_bank_account
from simulator.resources.vendor_rows import (
    AccountType,
    AdditionalInfo,
    AdditionalInfoBody,
    AutoPay,
    AutoPayBody,
    BankAccountStatus,
    PaymentInformation,
    PaymentInformationBody,
    PaymentPurpose,
    PurposeBody,
    PurposeCode,
    Vendor,
    VendorCreate,
    VendorPatch,
    vendors,
)

_GUIDE = documented("BILL guide: Vendors; reference: vendors")
BULK_LIMIT = 20

vendors.rule(
    "A vendor's balance is what is due on its bills that are not archived.",
    assumed("the member is in BILL's shape, its rule is not documented"),
)

_TIME_OPS = "gt gte lt lte"
vendors.listed(
    filters=(
        filter_field("id", TEXT, "eq ne in"),
        filter_field("archived", BOOLEAN, "eq ne"),
        filter_field("name", TEXT, "eq sw"),
        filter_field("accountType", enumeration(AccountType), "eq ne in nin"),
        filter_field("address.country", TEXT, "eq ne"),
        filter_field("billCurrency", TEXT, "eq ne in nin"),
        # BILL's page lists the field for vendors, whose shape has none: no row matches.
        filter_field("paymentStatus", TEXT, "eq ne in nin", lambda vendor: None),
        filter_field("createdTime", INSTANT, _TIME_OPS),
        filter_field("updatedTime", INSTANT, _TIME_OPS),
    ),
    sorts=(
        filter_field("archived", BOOLEAN),
        filter_field("name", TEXT),
        filter_field("shortName", TEXT),
        filter_field("email", TEXT),
        filter_field("phone", TEXT),
        filter_field("billCurrency", TEXT),
        filter_field("createdTime", INSTANT),
        filter_field("updatedTime", INSTANT),
    ),
    evidence=documented("BILL guide: Filterable fields, Sortable fields"),
)
vendors.retrieve("vendorId", evidence=documented("BILL reference: Get vendor details"))
vendors.archive_restore("vendorId", emits="vendor", roles=ENTER_BILLS)


def _masked_tax_id(tax_id: str | None) -> str | None:
    # Assumed: BILL answers tax ids masked, as it does account numbers.
    return "*" * max(len(tax_id) - 4, 0) + tax_id[-4:] if tax_id else tax_id


def _purpose(body: PurposeBody | None) -> PaymentPurpose | None:
    if body is None:
        return None
    code = PurposeCode(name=body.code.name, value=body.code.value) if body.code else None
    return PaymentPurpose(text=body.text, code=code)


@vendors.operation("POST", "", status=201, body=VendorCreate, roles=ENTER_BILLS, evidence=_GUIDE)
def create(ctx: Ctx, body: VendorCreate) -> Vendor:
    """Create a vendor."""
    if body.auto_pay and body.auto_pay.enabled:
        require_trust(ctx)
    information = body.payment_information or PaymentInformationBody()
    extra = body.additional_info or AdditionalInfoBody()
    now = ctx.record_time
    vendor = Vendor(
        archived=False,
        id=ctx.new_id(vendors.prefix),
        name=body.name,
        short_name=body.short_name,
        account_number=body.account_number,
        account_type=body.account_type or AccountType.NONE,
        email=body.email,
        phone=body.phone,
        address=address(body.address),
        payment_information=PaymentInformation(
            payee_name=information.payee_name,
            email=information.email,
            payment_purpose=_purpose(information.payment_purpose),
            bank_country=information.bank_country,
            payment_currency=information.payment_currency,
        ),
        additional_info=AdditionalInfo(
            tax_id=_masked_tax_id(extra.tax_id),
            whole_tax_id=extra.tax_id,
            tax_id_type=extra.tax_id_type,
            track1099=bool(extra.track1099),
            lead_time_in_days=extra.lead_time_in_days,
            combine_payments=extra.combine_payments,
            payment_term_id=extra.payment_term_id,
            company_name=extra.company_name,
        ),
        bank_account_status=BankAccountStatus.NO_ACCOUNT,
        bill_currency=body.bill_currency or "USD",
        created_time=now,
        updated_time=now,
        auto_pay=_auto_pay(ctx, AutoPay(), body.auto_pay),
    )
    if information.bank_account:
        vendor = with_bank_account(
            vendor,
            bank_account(ctx, vendor, information.bank_account, "paymentInformation.bankAccount."),
        )
    ctx.put(vendors, vendor)
    ctx.emit("vendor.created", vendor)
    return vendor


def _auto_pay(ctx: Ctx, old: AutoPay, body: AutoPayBody | None) -> AutoPay:
    if body is None:
        return old
    given = {name: getattr(body, name) for name in body.given}
    if body.enabled and not old.enabled:
        given.setdefault("created_by", ctx.user_id)
    return changed(old, **given)


@vendors.operation(
    "POST",
    "/bulk",
    status=201,
    body=list[VendorCreate],
    roles=ENTER_BILLS,
    wrap="vendors",
    evidence=documented("BILL reference: Create multiple vendors (up to 20, all or nothing)"),
)
def create_bulk(ctx: Ctx, body: list[VendorCreate]) -> list[Vendor]:
    """Create up to 20 vendors, all or none."""
    return all_or_nothing(body, BULK_LIMIT, lambda item: create(ctx, item))


@vendors.rule(
    "PATCH merges objects member by member and does not touch the bank account.",
    documented("BILL changelog 2024-09-03 for the bank account; the deep merge is assumed"),
)
@vendors.operation(
    "PATCH",
    "/{vendorId}",
    body=VendorPatch,
    roles=ENTER_BILLS,
    evidence=documented("BILL reference: Update a vendor"),
)
def update(ctx: Ctx, vendor_id: str, body: VendorPatch) -> Vendor:
    """Change some members of a vendor."""
    vendor = old_vendor = ctx.get(vendors, vendor_id)
    if body.auto_pay and body.auto_pay.enabled and not vendor.auto_pay.enabled:
        require_trust(ctx)
    nested = {"address", "payment_information", "additional_info", "auto_pay"}
    new: dict[str, Any] = {name: getattr(body, name) for name in body.given - nested}
    if body.address:
        new["address"] = address(body.address, vendor.address)
    if body.payment_information:
        given = body.payment_information.given
        members = {name: getattr(body.payment_information, name) for name in given}
        if "payment_purpose" in members:
            members["payment_purpose"] = _purpose(body.payment_information.payment_purpose)
        new["payment_information"] = changed(vendor.payment_information, **members)
    if body.additional_info:
        members = {name: getattr(body.additional_info, name) for name in body.additional_info.given}
        if "tax_id" in members:
            members["whole_tax_id"] = members["tax_id"]
            members["tax_id"] = _masked_tax_id(members["tax_id"])
        new["additional_info"] = changed(vendor.additional_info, **members)
    new["auto_pay"] = _auto_pay(ctx, vendor.auto_pay, body.auto_pay)
    vendor = changed(vendor, **new, updated_time=ctx.record_time)
    if vendor.domestic is not old_vendor.domestic:
        vendor = with_bank_account(vendor, vendor.payment_information.bank_account)
    ctx.put(vendors, vendor)
    if ctx.behaviour.update_webhooks == "every_change" or _told(vendor) != _told(old_vendor):
        ctx.emit("vendor.updated", vendor)
    return vendor


vendors.rule(
    "vendor.updated tells every edit of a vendor, a bank account that is new, checked by BILL or"
    " deleted, a connection in the BILL network and the end of one.",
    documented(
        "the mission guide; BILL's page of payloads names name, country and network alone, see"
        " the setting update_webhooks"
    ),
)


def _told(vendor: Vendor) -> tuple[str, str | None]:
    return vendor.name, vendor.address.country
