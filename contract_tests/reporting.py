"""What a run leaves: report.json, report.html, and no secret in either."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contract_tests.accounts import Account
from contract_tests.budget import Budget
from contract_tests.client import Exchange, Recorder
from contract_tests.page import page
from contract_tests.snapshots import Scrubber

FORMAT = 1
_ENTRY = "contract"
# Waiting for the budget, for a code or for BILL is no hanging check.
_SANDBOX_TIMEOUT = 3600


@dataclass
class Contract:
    """What a run is against, and what it may do."""

    target: str
    base_url: str
    run: str
    payments: bool
    concurrency: bool
    calls_per_hour: int
    patience: float
    webhook_port: int
    directory: Path
    recorder: Recorder
    account: Account | None = None
    budget: Budget | None = None
    own: Collection[str] = ()
    left: list[str] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)


SUITE = pytest.StashKey[Contract]()


def title_of(item: pytest.Item) -> str:
    """The sentence that a check's name is: `test_a_bill_is_listed[x]` is "A bill is listed (x)"."""
    name, _, case = item.name.removeprefix("test_").partition("[")
    sentence = name.replace("_", " ")
    return sentence[:1].upper() + sentence[1:] + (f" ({case.rstrip(']')})" if case else "")


def behaviours_of(item: pytest.Item) -> list[str]:
    """The operations and refusals that a check is about, each once."""
    return list(dict.fromkeys(one for mark in item.iter_markers("behaviour") for one in mark.args))


def summary(exchange: Exchange, scrubber: Scrubber) -> dict[str, Any]:
    """An exchange as the report tells it."""
    answer = exchange.answer
    return {
        "request": f"{exchange.method} {scrubber.path(exchange.path)}",
        "status": answer.status,
        "codes": answer.codes,
        "milliseconds": round(exchange.seconds * 1000),
        "answer": scrubber.answer(exchange.method, exchange.path, answer.body),
    }


class ReportPlugin:
    """Collects what the checks in `directory` did, and writes it down at the end."""

    def __init__(self, contract: Contract, directory: Path) -> None:
        self.contract = contract
        self.directory = directory
        self.checks: dict[str, dict[str, Any]] = {}
        self.started = datetime.now(UTC)

    def _ours(self, item: pytest.Item) -> bool:
        return item.path.is_relative_to(self.directory)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """All checks share one loop, as they share sessions."""
        for item in items:
            if self._ours(item):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
                if self.contract.target == "sandbox":
                    item.add_marker(pytest.mark.timeout(_SANDBOX_TIMEOUT), append=False)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """What fixtures of the whole run called belongs to no check."""
        if self._ours(item):
            self.contract.recorder.exchanges.clear()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        report: pytest.TestReport = yield  # type: ignore[assignment]
        if self._ours(item):
            redaction = self.contract.recorder.redaction
            if report.failed:
                report.longrepr = redaction.text(report.longreprtext)
            report.sections = [(name, redaction.text(text)) for name, text in report.sections]
            # What goes wrong after a check is the clean-up's, and stands under `left`.
            if report.when == "call" or (report.when == "setup" and not report.passed):
                report.user_properties.append((_ENTRY, self._entry(item, report)))
        return report  # type: ignore[return-value]

    def _entry(self, item: pytest.Item, report: pytest.TestReport) -> str:
        contract = self.contract
        scrubber = Scrubber(contract.run, contract.own)
        exchanges = contract.recorder.exchanges if report.when == "call" else []
        entry = {
            "id": str(item.path.relative_to(self.directory).with_suffix("")) + f"::{item.name}",
            "title": title_of(item),
            "behaviours": behaviours_of(item),
            "outcome": report.outcome if report.when == "call" or report.skipped else "error",
            "seconds": round(report.duration, 3),
            "reason": self._reason(report),
            "exchanges": [summary(one, scrubber) for one in exchanges],
        }
        return json.dumps(contract.recorder.redaction.value(entry))

    def _reason(self, report: pytest.TestReport) -> str:
        if isinstance(report.longrepr, tuple):
            return str(report.longrepr[2]).removeprefix("Skipped: ")
        return report.longreprtext if report.failed else ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Also called where workers ran the checks."""
        for name, entry in report.user_properties:
            if name == _ENTRY:
                found = json.loads(str(entry))
                self.checks[found["id"]] = found

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self.checks or hasattr(session.config, "workerinput"):
            return
        report = {
            "format": FORMAT,
            "target": self.contract.target,
            "baseUrl": self.contract.base_url,
            "date": self.started.isoformat(timespec="seconds"),
            "run": self.contract.run,
            "calls": self.contract.budget.calls if self.contract.budget else None,
            "left": self.contract.recorder.redaction.value(self.contract.left),
            "stays": self.contract.stays,
            "checks": [self.checks[key] for key in sorted(self.checks)],
        }
        directory = self.contract.directory
        directory.mkdir(parents=True, exist_ok=True)
        text = json.dumps(report, indent=1, ensure_ascii=False) + "\n"
        (directory / "report.json").write_text(text, "utf-8")
        (directory / "report.html").write_text(page(report), "utf-8")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.checks:
            terminalreporter.line(
                f"contract report: {self.contract.directory / 'report.html'}"
                f" ({len(self.checks)} checks against {self.contract.target})"
            )
