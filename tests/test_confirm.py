"""What a contract run on BILL's sandbox confirms becomes evidence, with its day."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import simulator
from simulator.confirm import NotConfirming, Outcome, confirm, outcome
from simulator.core.confirmed import CONFIRMED
from simulator.fidelity import fidelity_page
from simulator.reports import Report
from tests.reports import check, keep, report

VENDOR = "GET /connect/v3/vendors/{vendorId}"
BILL = "GET /connect/v3/bills/{billId}"
HEAD = "behaviour,date,target\n"


def read(*checks: dict[str, Any], **more: Any) -> Report:
    return Report.model_validate(report(*checks, **more))


def about(*behaviours: str, **more: Any) -> dict[str, Any]:
    return check(behaviours=list(behaviours), **more)


def test_a_behaviour_is_confirmed_if_every_check_that_ran_passed() -> None:
    found = outcome(
        read(
            about(VENDOR, "BDC_1205"),
            about(BILL, "BDC_1205", outcome="failed"),
            about(VENDOR, outcome="skipped"),
            about("BDC_1361", outcome="skipped"),
            about("BDC_1152", outcome="error"),
        )
    )
    assert found == Outcome((VENDOR,), ("BDC_1152", "BDC_1205", BILL))


@pytest.mark.parametrize(
    ("target", "base_url"),
    [
        ("simulator", ""),
        ("simulator", "https://gateway.stage.bill.com/connect"),
        ("sandbox", "http://127.0.0.1:8080/connect"),
        ("sandbox", "https://bill.com.example/connect"),
        ("sandbox", "https://gateway.prod.bill.com/connect"),
        ("sandbox", ""),
    ],
)
def test_a_report_of_another_server_confirms_nothing(target: str, base_url: str) -> None:
    with pytest.raises(NotConfirming, match="BILL's sandbox"):
        outcome(read(about(VENDOR), target=target, baseUrl=base_url))


def test_a_behaviour_that_nobody_declares_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "confirmed.csv"
    with pytest.raises(NotConfirming, match="neither an operation nor a refusal: BDC_9999"):
        confirm(read(about(VENDOR, "BDC_9999")), table)
    assert not table.exists()


def test_the_table_tells_day_and_target_in_order(tmp_path: Path) -> None:
    table = tmp_path / "confirmed.csv"
    confirm(read(about(VENDOR, "BDC_1205")), table)
    assert table.read_text("utf-8") == (
        f"{HEAD}BDC_1205,2026-12-01,sandbox\n{VENDOR},2026-12-01,sandbox\n"
    )


def test_a_later_report_renews_and_refutes(tmp_path: Path) -> None:
    table = tmp_path / "confirmed.csv"
    confirm(read(about(VENDOR), about(BILL), about("BDC_1361")), table)
    later = read(about(VENDOR), about(BILL, outcome="failed"), date="2027-01-02T00:00:00+00:00")
    assert confirm(later, table) == Outcome((VENDOR,), (BILL,))
    assert table.read_text("utf-8") == (
        f"{HEAD}BDC_1361,2026-12-01,sandbox\n{VENDOR},2027-01-02,sandbox\n"
    )


@pytest.mark.skipif(bool(CONFIRMED), reason="the suite has been run on the sandbox")
def test_as_long_as_nobody_ran_the_suite_on_the_sandbox_the_page_says_so() -> None:
    assert "has not been run on BILL's sandbox yet" in " ".join(fidelity_page().split())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A directory with a copy of the simulator's source, by which nothing is confirmed yet."""
    source = Path(simulator.__file__).parent
    shutil.copytree(source, tmp_path / "simulator", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "simulator" / "data" / "confirmed.csv").write_text(HEAD, "utf-8")
    return tmp_path


def python(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module of the copy."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_what_was_confirmed_is_observed_on_the_page_and_in_the_list(copy: Path) -> None:
    made = keep(copy / "report.json", about(VENDOR, "BDC_1152"), about(BILL, outcome="failed"))
    done = python(copy, "simulator", "confirm", str(made))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"not confirmed: {BILL}\n2 behaviours confirmed in {copy}")
    assert python(copy, "simulator.fidelity", ".").returncode == 0
    page = (copy / "fidelity.md").read_text("utf-8")
    known = "until then documented: BILL reference: Get vendor details"
    assert f"| observed: sandbox, 2026-12-01; {known} |" in page
    told = next(line for line in page.split("\n") if line.startswith("| `BDC_1152` | 422"))
    assert "observed: sandbox, 2026-12-01; until then observed: " in told
    assert "2 of the operations and refusals on this page were checked" in page
    assert "has not been run on BILL's sandbox yet" not in page
    listed = python(copy, "simulator", "operations").stdout.split("\n")
    assert f"{'observed':<10} {'GET':<6} /connect/v3/vendors/{{vendorId}}" in listed


def test_a_report_that_confirms_nothing_ends_with_2(copy: Path) -> None:
    made = keep(copy / "report.json", about(VENDOR), target="simulator", baseUrl="")
    done = python(copy, "simulator", "confirm", str(made))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("bill-simulator: a report confirms behaviours if its target is")
    assert (copy / "simulator" / "data" / "confirmed.csv").read_text("utf-8") == HEAD
