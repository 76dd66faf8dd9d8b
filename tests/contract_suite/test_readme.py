"""contract_tests/README.md names what there is, and all of it."""

from __future__ import annotations

import re

import pytest

from contract_tests import conftest
from contract_tests.accounts import (
    OPTIONAL,
    REQUIRED,
    SANDBOX,
    UnusableAccount,
    sandbox_from,
)
from tests.readme import ROOT

README = (ROOT / "contract_tests" / "README.md").read_text("utf-8")


def own_options() -> set[str]:
    parser = pytest.Parser(_ispytest=True)
    conftest.pytest_addoption(parser)
    return {
        name
        for option in parser.getgroup("contract").options
        for name in option.names()
        if name.startswith("--")
    }


def test_every_variable_is_named_and_every_name_is_a_variable() -> None:
    assert set(re.findall(r"\bBILL_[A-Z_]+\b", README)) == set(REQUIRED) | set(OPTIONAL)


def test_every_flag_is_named_and_every_name_is_a_flag() -> None:
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README)) == own_options()


def test_the_defaults_are_told() -> None:
    assert SANDBOX in README
    assert f"{conftest.CALLS_PER_HOUR:,}" in README


class Nobody:
    """No terminal to ask on."""

    def is_there(self) -> bool:
        return False

    async def tell(self, question: str) -> str:
        raise EOFError


nobody = Nobody()


@pytest.mark.parametrize("missing", REQUIRED)
def test_a_variable_that_is_needed_and_missing_is_told(missing: str) -> None:
    environment = {name: "x" for name in REQUIRED if name != missing}
    with pytest.raises(UnusableAccount, match=rf"^--target sandbox .*:\n  {missing}: [^\n]+$"):
        sandbox_from(environment, nobody)


def test_an_account_is_on_bills_sandbox_unless_the_environment_says_otherwise() -> None:
    environment = dict.fromkeys(REQUIRED, "x")
    assert sandbox_from(environment, nobody).credentials.base_url == SANDBOX
    other = {**environment, "BILL_BASE_URL": "http://127.0.0.1:8080/connect/"}
    credentials = sandbox_from(other, nobody).credentials
    assert credentials.base_url == "http://127.0.0.1:8080/connect"
    assert credentials.events_url == "http://127.0.0.1:8080/connect-events"


@pytest.mark.parametrize("path", ["/connect", "/connect/", ":443/connect"])
def test_production_is_no_target(path: str) -> None:
    environment = dict.fromkeys(REQUIRED, "x")
    production = f"https://GATEWAY.prod.bill.com{path}"
    with pytest.raises(UnusableAccount, match="production"):
        sandbox_from({**environment, "BILL_BASE_URL": production}, nobody)


def test_credentials_do_not_tell_secrets_when_they_are_shown() -> None:
    environment = {name: f"secret of {name}" for name in (*REQUIRED, *OPTIONAL)}
    account = sandbox_from({**environment, "BILL_BASE_URL": "http://x"}, nobody)
    shown = repr(account)
    for name in ("BILL_PASSWORD", "BILL_DEV_KEY", "BILL_REMEMBER_ME_ID", "BILL_MFA_CODE"):
        assert f"secret of {name}" not in shown
