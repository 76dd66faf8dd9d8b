"""`bill-simulator generate`, and its file in a server."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from simulator import Simulator
from simulator.cli import main
from simulator.client import Server
from simulator.threaded import threaded

SIZES = (
    *("--vendors", "4", "--bills", "30", "--customers", "2"),
    *("--invoices", "5", "--payments", "20", "--seed", "7"),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("generated") / "bill.json"
    main(["generate", *SIZES, "--out", str(path)])
    return path


def test_a_server_that_starts_with_the_file_lists_pages_of_it(file: Path, tmp_path: Path) -> None:
    state = tmp_path / "bill.json"
    state.write_bytes(file.read_bytes())
    with threaded(lambda: Simulator(state=state)) as url:
        world = Server(url).world()
        session = world.login()
        page = session.call("GET", "/v3/bills?max=20&sort=dueDate:asc").body
        rest = session.call("GET", f"/v3/bills?max=20&page={page['nextPage']}").body
        assert (len(page["results"]), len(rest["results"])) == (20, 10)
        dates = [bill["dueDate"] for bill in page["results"]]
        assert dates == sorted(dates)
        assert len(session.call("GET", "/v3/payments").body["results"]) == 20
        assert world.clock.now.isoformat() == "2026-06-30T16:00:00+00:00"


def test_a_running_server_takes_the_file_in_and_goes_on_from_it(file: Path) -> None:
    with threaded(Simulator) as url:
        world = Server(url).make_world()
        world.load_state(file.read_bytes())
        session = world.login(trusted=True)
        known = session.call("GET", "/v3/payments").body["results"]
        scheduled = [one["id"] for one in known if one["singleStatus"] == "SCHEDULED"]
        assert scheduled
        world.clock.advance(days=60)
        again = world.login()
        ended = [again.call("GET", f"/v3/payments/{one}").body for one in scheduled]
        assert {one["singleStatus"] for one in ended} == {"CLEARED"}


def test_what_is_written_is_told_and_nothing_is_left_beside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    path = tmp_path / "again.json"
    main(["generate", *SIZES, "--out", str(path)])
    told = capsys.readouterr()
    assert told.out == f"{path}: 61 records, {path.stat().st_size / 1e6:.1f} MB\n"
    assert told.err == ""
    assert path.read_bytes() == file.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


def test_a_terminal_is_shown_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    main(["generate", *SIZES, "--out", str(tmp_path / "bill.json")])
    shown = terminal.getvalue().split("\r")
    assert len(shown) > 10
    assert shown[-1] == f"[{'#' * 30}] 61 of 61 records\n"


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--vendors", "0"], "500 bills need at least one vendor"),
        (["--customers", "0"], "200 invoices need at least one customer"),
        (["--bills", "2", "--payments", "7"], "7 payments are too many: 2 bills get 6 at most"),
        (["--last-day", "June"], "generate.last_day: Input should be a valid date"),
        (["--bills", "-1"], "generate.bills: Input should be greater than or equal to 0"),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], told: str
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["generate", *flags, "--out", str(tmp_path / "bill.json")])
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith(f"bill-simulator: {told}")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "missing" / "bill.json"
    with pytest.raises(SystemExit) as end:
        main(["generate", *SIZES, "--out", str(path)])
    assert end.value.code == 1
    told = capsys.readouterr().err
    assert told == f"bill-simulator: {path} is not written: No such file or directory\n"


def test_without_faker_the_extra_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(SystemExit) as end:
        main(["generate", *SIZES, "--out", str(tmp_path / "bill.json")])
    assert end.value.code == 1
    assert "pip install 'bill-simulator[generate]'" in capsys.readouterr().err
