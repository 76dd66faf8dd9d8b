"""Every knob of the simulator, once.

`Behaviour` holds what BILL leaves open or does differently from one
environment to another; each field names its evidence in its description, and
its default is BILL's likelier behaviour. A world carries its own copy.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Behaviour(BaseModel):
    """How a world answers where BILL is not settled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _read_number(cls, value: object) -> object:
        # Flags and the environment give texts, which a Literal of numbers does not take.
        return int(value) if isinstance(value, str) and value.isdecimal() else value

    login_key_status: Literal[400, 401] = Field(
        400,
        description="HTTP status of BDC_1102 at login. Observed: 400 at login; the mission guide"
        " names 401, which a call with an unknown devKey header gets in any case.",
    )
    wrong_password_status: Literal[400, 401] = Field(
        401, description="HTTP status of BDC_1101 at login. Assumed: never seen with its status."
    )
    mfa: Literal["required", "bypassed"] = Field(
        "required",
        description="Whether payments, new bank accounts and autoPay ask for an MFA-trusted"
        " session. Observed: the sandbox asks. `bypassed` is BILL's switch at the level of the"
        " developer key and shows as mfaBypass in the session.",
    )
    session_expiry: Literal["idle", "never"] = Field(
        "idle",
        description="Whether sessions end after 35 minutes without a call, as BILL's do"
        " (documented). `never` spares a sign-in after the clock was moved.",
    )
    backup_phones: bool = Field(
        False,
        description="Accept primary=false in MFA setup and useBackup=true in a challenge."
        " Documented: refused since 2026-03-30.",
    )
    process_date_text: Literal["unfilled", "filled"] = Field(
        "unfilled",
        description="Text of BDC_1152. Observed: the sandbox leaves ${paramName0} unfilled,"
        " production writes the date.",
    )
    process_cutoff_hour: int = Field(
        18,
        ge=0,
        le=24,
        description="Hour of the day in California after which a payment counts as made on the"
        " next bank day. Documented in the Help Center: 6 pm.",
    )
    vendor_bank_check: Literal["off", "two_bank_days"] = Field(
        "off",
        description="Whether a new vendor bank account needs a processDate two bank days away"
        " (BDC_1402). Documented: production only.",
    )
    customer_bank_check: Literal["off", "two_bank_days"] = Field(
        "off",
        description="Whether a new customer bank account stays PENDING for two bank days."
        " Documented: up to two business days where verification is needed.",
    )
    vendor_bank_mfa: Literal["off", "required"] = Field(
        "off",
        description="Whether giving a vendor a bank account, or taking it away, asks for an"
        " MFA-trusted session. BILL's newest list does not name it; the mission guide says it"
        " may be, v2 asked for it.",
    )
    bills_for_archived_vendors: Literal["refused", "allowed"] = Field(
        "refused", description="A new bill for an archived vendor. Assumed: refused as in v2."
    )
    approval_policies: Literal["always", "when_asked"] = Field(
        "always",
        description="Whether approval policies apply to every bill made, or only to those made"
        " with billApprovals=true. BILL's pages can be read both ways.",
    )
    edited_bills: Literal["approved_again", "keep_approval"] = Field(
        "approved_again",
        description="Whether a change of vendor or amount sends a bill through approval again."
        " Help Center: it does in the web app; v3 documents nothing.",
    )
    archived_invoice_numbers: Literal["taken", "reusable"] = Field(
        "taken",
        description="Whether the number of an archived invoice stays taken. Observed: a reuse was"
        " refused; another note of the same source says the number is free.",
    )
    archive_invoices_with_payments: Literal["refused", "allowed"] = Field(
        "refused",
        description="Archiving an invoice with money received, scheduled or credited. Help"
        " Center: only unpaid ones; v3 documents no condition.",
    )
    archive_bills_with_payments: Literal["refused", "allowed"] = Field(
        "refused", description="Archiving a bill with money paid or scheduled. Assumed: refused."
    )
    duplicate_bill_numbers: Literal["allowed", "refused"] = Field(
        "allowed",
        description="Two bills of one vendor with one invoiceNumber when the request does not"
        " say. BILL's own bulk example sends two; allowDuplicateInvoiceNumber=false refuses.",
    )
    unapproved_bills: Literal["refused", "administrators"] = Field(
        "refused",
        description="Who may pay a bill under approval. Documented in the changelog: nobody;"
        " in the Help Center: administrators.",
    )
    settlement: Literal["automatic", "manual"] = Field(
        "automatic",
        description="Whether payments move along on the world's clock. BILL's sandbox moves"
        " them by timers whose durations are not published; `manual` leaves every step to"
        " the control plane.",
    )
    checks: Literal["cashed", "uncashed"] = Field(
        "cashed",
        description="Whether vendors cash their checks by themselves. `uncashed` leaves them"
        " until the control plane cashes them; after 90 days they are voided (documented).",
    )
    voids: Literal["immediate", "next_bank_day"] = Field(
        "immediate",
        description="When a void is done. Documented for the v2 sandbox: at once; in production"
        " it is VOID_PENDING for up to two business days.",
    )
    risk_checks: Literal["approved", "undecided"] = Field(
        "approved",
        description="How BILL's check of an organization ends by itself. Assumed: with APPROVE on"
        " the next bank day; `undecided` leaves the decision to the control plane.",
    )
    customers_pay: Literal["never", "on_due_date"] = Field(
        "never",
        description="Whether customers pay their new invoices online by themselves, all that is"
        " due at 9 am in California on the due date. Nothing of BILL's: customers do as they like;"
        " `never` leaves them to the control plane.",
    )
    network_invitations: Literal["unanswered", "accepted"] = Field(
        "unanswered",
        description="What organizations of the BILL network that do not connect by themselves do"
        " with an invitation. Documented: unanswered it expires after 60 days; `accepted` lets"
        " them accept it on the next bank day.",
    )
    bank_creator: Literal["verified", "nominated"] = Field(
        "verified",
        description="What the creator of a bank account is on it once the deposit is confirmed."
        " Assumed: able to pay at once; `nominated` waits for the control plane.",
    )
    update_webhooks: Literal["every_change", "listed_members"] = Field(
        "every_change",
        description="Which changes bill.updated and vendor.updated tell. The mission guide:"
        " every PATCH and PUT, a bill's archiving, a vendor's bank account. `listed_members`:"
        " those that BILL's page of payloads names, which are a bill's vendorId, amount,"
        " invoiceNumber and invoiceDate, a vendor's name, the country of its address and its"
        " connection in the network.",
    )
    exhausted_webhooks: Literal["disabled", "kept"] = Field(
        "disabled",
        description="What becomes of a subscription after the last retry of a notification."
        " Documented: it is disabled; an older page of BILL's tells of a queue for dead letters.",
    )
    webhook_body: Literal["object", "string"] = Field(
        "object",
        description="Whether a notification's body is a JSON object, as receivers in use read it"
        " (observed), or that object once more as a JSON string, as BILL's docs can be read. The"
        " signature is over the bytes sent in any case.",
    )
    fault_header: bool = Field(
        False,
        description="Whether a call may ask for a fault of its own by the header X-Sim-Fault,"
        ' as {"code": "BDC_1322"}. Not BILL\'s: without this the header means nothing.',
    )
    newer_fields: bool = Field(
        False,
        description="Also answer members newer than BILL's collection of November 2025:"
        " recordStatus and payments of bills, status of vendor bank accounts,"
        " authorizedToCharge of customers, createdBy of invoices. Documented in the changelog.",
    )


class ServerSettings(BaseModel):
    """How the server runs; flags, then BILLSIM_* environment, then bill-simulator.yaml."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    token: str = Field(
        "",
        pattern=r"^[!-~]*$",
        examples=["jb8CFVM7xnE4kpVA"],
        description="What every call of the control plane but /_sim/health must bring, as"
        " `Authorization: Bearer`. Empty: nothing if `host` is a loopback address, else a token"
        " made and printed at each start.",
    )
    allowed_hosts: str = Field(
        "",
        pattern=r"^[^\s/]*$",
        examples=["bill.example,host.docker.internal"],
        description="Further names that callers may have for this server, separated by commas;"
        " `*` allows any. Requests with another name in the header Host are refused with 421,"
        " against pages that let their own name point here. Taken in any case: `host`,"
        " localhost, loopback addresses; if `host` is not a loopback address also every IP"
        " address, and names that public DNS does not have (without a dot, or below .internal,"
        " .local, .localhost, .test).",
    )
    seed: int = Field(1, ge=0, description="Seed of the default world: ids, keys, passwords.")
    scenario: str = Field(
        "",
        examples=["month-end-pay-run"],
        description="The scenario that is played in the default world: a name of `bill-simulator"
        " scenario list`, or a file. It brings its own seed, and settings to which those of"
        " `behaviour` give way. Empty: the demo.",
    )
    state: str = Field(
        "",
        examples=["bill.json"],
        description="File that keeps all worlds of the server. If it is there, they are read from"
        " it at the start, whatever `seed`, `scenario` and `behaviour` say; these hold for worlds"
        " made later. It may also be the document of a single world. Changes are saved every"
        " `state_interval` seconds and at the end; the file is replaced as a whole. Empty: nothing"
        " is kept.",
    )
    state_interval: float = Field(
        5.0,
        ge=0,
        le=86_400,
        description="Seconds from one save of the state file to the next, if anything changed.",
    )
    largest_state: int = Field(
        512,
        ge=1,
        description="Megabytes that a document of a world may have. Reading one takes about five"
        " times as much memory.",
    )
    webhook_hosts: str = Field(
        "",
        pattern=r"^[^\s/]*$",
        examples=["hooks.example.com,203.0.113.7"],
        description="Hosts that webhooks may go to although they are neither on this machine nor"
        " in a private network, separated by commas.",
    )
    webhook_timeout: float = Field(
        10.0,
        gt=0,
        le=60,
        description="Seconds that a receiver has to answer a webhook. Documented: 10.",
    )
    webhook_verify_tls: bool = Field(
        True, description="Whether a receiver's certificate must be one that this machine trusts."
    )
    behaviour: Behaviour = Field(default_factory=Behaviour)
