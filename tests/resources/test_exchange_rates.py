"""Bills and payments in other currencies, and the rates they are reckoned by."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http import BillClient

DANE = {
    "name": "Nordisk Papir",
    "accountType": "BUSINESS",
    "address": {
        "line1": "Havnegade 1",
        "city": "Aarhus",
        "zipOrPostalCode": "8000",
        "country": "DK",
    },
    "billCurrency": "EUR",
    "paymentInformation": {
        "payeeName": "Nordisk Papir",
        "bankCountry": "DK",
        "paymentCurrency": "EUR",
        "bankAccount": {
            "nameOnAccount": "Nordisk Papir",
            "accountNumber": "DK5000400440116243",
            "routingNumber": "",
            "type": "CHECKING",
        },
    },
}


async def euro_bill(client: BillClient, amount: float = 100.0) -> dict[str, Any]:
    vendor = await client.post("/v3/vendors", DANE)
    assert vendor.status == 201, vendor.body
    return await client.new_bill(vendor.body["id"], amount)


async def rate_for(client: BillClient, bill: dict[str, Any]) -> Any:
    path = f"/v3/payments/exchange-rate?vendorId={bill['vendorId']}&amount={bill['amount']}"
    answer = await client.get(path)
    assert answer.status == 200, answer.body
    return answer.body


async def test_a_bill_in_euros_tells_its_cost_in_dollars(client: BillClient) -> None:
    bill = await euro_bill(client, 100)
    assert (bill["amount"], bill["exchangeRate"]) == (100.0, 0.8361528)
    assert bill["fundingAmount"] == 119.6


async def test_the_rate_tells_its_batch_and_when_it_ends(client: BillClient) -> None:
    bill = await euro_bill(client)
    rate = await rate_for(client, bill)
    assert rate.pop("exchangeRateBatchId") > 35_000
    assert rate == {
        "paymentCurrency": "EUR",
        "baseCurrency": "USD",
        "billCurrency": "EUR",
        "exchangeRate": 0.8361528,
        "amountRange": {"from": 0.0, "to": 1000000.0},
        "expirationTime": "2026-06-03T16:20:00.000+00:00",
        "vendorId": bill["vendorId"],
    }


async def test_a_payment_in_euros_with_the_present_batch_settles(payer: BillClient) -> None:
    bill = await euro_bill(payer)
    batch = (await rate_for(payer, bill))["exchangeRateBatchId"]
    paid = await payer.pay(bill, 100, exchangeRateBatchId=batch)
    assert paid.status == 201, paid.body
    assert paid.body["disbursementType"] == "INTERNATIONAL_E_PAYMENT"
    assert (paid.body["amount"], paid.body["fundingAmount"]) == (100.0, 119.6)
    assert paid.body["exchangeRate"] == 0.8361528
    await payer.advance(businessDays=6)
    cleared = await payer.get(f"/v3/payments/{paid.body['id']}")
    assert cleared.body["singleStatus"] == "CLEARED"
    assert cleared.body["disbursementInfo"]["internationalDisbursement"]["amount"] == 100.0


@pytest.mark.parametrize("batch", [None, 1])
async def test_a_payment_in_euros_without_the_present_batch_is_refused(
    payer: BillClient, batch: int | None
) -> None:
    bill = await euro_bill(payer)
    more = {} if batch is None else {"exchangeRateBatchId": batch}
    refused = await payer.pay(bill, 100, **more)
    assert refused.status == 422
    assert refused.body[0]["message"] == "exchangeRateBatchId is missing or expired."


async def test_a_batch_is_old_after_twenty_minutes(payer: BillClient) -> None:
    bill = await euro_bill(payer)
    batch = (await rate_for(payer, bill))["exchangeRateBatchId"]
    await payer.advance(seconds=20 * 60, sign_in=False)
    refused = await payer.pay(bill, 100, exchangeRateBatchId=batch)
    assert refused.status == 422
    batch = (await rate_for(payer, bill))["exchangeRateBatchId"]
    assert (await payer.pay(bill, 100, exchangeRateBatchId=batch)).status == 201


async def test_a_payment_in_euros_has_one_process_date_only(payer: BillClient) -> None:
    bill = await euro_bill(payer)
    batch = (await rate_for(payer, bill))["exchangeRateBatchId"]
    later = {"exchangeRateBatchId": batch, "processDate": "2026-06-08"}
    refused = await payer.pay(bill, 100, **later)
    assert (refused.status, refused.body[0]["code"]) == (422, "BDC_1152")
    paid = await payer.pay(bill, 100, **later | {"processDate": "2026-06-04"})
    assert paid.status == 201


async def test_a_currency_without_rate_makes_no_bill(client: BillClient) -> None:
    vendor = await client.post("/v3/vendors", {**DANE, "billCurrency": "XPF"})
    body = {
        "vendorId": vendor.body["id"],
        "dueDate": "2026-12-31",
        "billLineItems": [{"amount": 10}],
        "invoice": {"invoiceNumber": "1", "invoiceDate": "2026-12-01"},
    }
    refused = await client.post("/v3/bills", body)
    assert refused.status == 422
    assert refused.body[0]["message"] == "No exchange rate is known for XPF."


async def test_a_rate_needs_vendor_and_amount(client: BillClient) -> None:
    refused = await client.get("/v3/payments/exchange-rate?amount=1")
    assert refused.status == 400
    assert refused.body[0]["message"] == (
        "Required request parameter 'vendorId' for method parameter type String is not present"
    )
