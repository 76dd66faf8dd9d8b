"""The command line: what a person or a pipeline sees of the simulator."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from simulator.cli import main
from simulator.resources.catalogue import known_operations, operations
from simulator.version import VERSION
from tests.servers import Served, plain_environment, start

COMMAND = [sys.executable, "-m", "simulator"]
TOKEN = "jb8CFVM7xnE4kpVA"


def serve(directory: Path, *flags: str) -> Served:
    return start([*COMMAND, "serve", "--port", "0", *flags], directory, plain_environment())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server in a process of its own."""
    running = serve(tmp_path_factory.mktemp("serve"))
    yield running
    running.stop()


@pytest.fixture
def url(served: Served) -> str:
    return served.url


def test_serve_prints_address_credentials_and_a_first_call(served: Served) -> None:
    url, printed = served.url, served.printed
    assert url.rsplit(":", 1)[1] not in ("0", "8080")
    told = dict(re.findall(r"^  (base URL|\w+(?: plane)?) +(\S+)$", printed, re.MULTILINE))
    assert printed.startswith(f"BILL simulator {VERSION}\n")
    assert told["base URL"] == f"{url}/connect"
    assert told["control plane"] == f"{url}/_sim/worlds/default"
    body = json.loads(re.findall(r"-d '(.*)'", printed)[0])
    assert body == {
        "username": told["username"],
        "password": told["password"],
        "organizationId": told["organizationId"],
        "devKey": told["devKey"],
    }


def test_the_first_call_that_serve_prints_signs_in(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    body = re.findall(r"-d '(.*)'", served.printed)[0]
    main(["call", "POST", "/v3/login", body, "--url", served.url])
    assert json.loads(capsys.readouterr().out)["trusted"] is False


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_serve_ends_on_a_signal_within_two_seconds_with_exit_code_0(
    how: int, tmp_path: Path
) -> None:
    running = serve(tmp_path)
    seconds, told = running.stop(how)
    assert (running.process.returncode, told) == (0, "")
    assert seconds < 2


def test_serve_prints_the_same_credentials_for_the_same_seed(
    served: Served, tmp_path: Path
) -> None:
    def credentials(printed: str) -> list[str]:
        return re.findall(r"^  (?:devKey|password) +(\S+)$", printed, re.MULTILINE)

    same, other = serve(tmp_path, "--seed", "1"), serve(tmp_path, "--seed", "2")
    same.stop()
    other.stop()
    assert credentials(same.printed) == credentials(served.printed)
    assert set(credentials(other.printed)).isdisjoint(credentials(same.printed))


def test_serve_says_so_when_the_port_is_taken(url: str, tmp_path: Path) -> None:
    port = url.rsplit(":", 1)[1]
    ended = subprocess.run(
        [*COMMAND, "serve", "--port", port],
        cwd=tmp_path,
        env=plain_environment(),
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"bill-simulator: cannot listen on 127.0.0.1:{port}: ")
    assert "address already in use" in ended.stderr.lower()
    assert "Traceback" not in ended.stderr


def test_wait_returns_when_the_simulator_is_ready(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["wait", url, "--timeout", "5"])
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "127.0.0.1:1", "nonsense"], ids=["closed", "no scheme", "no URL"]
)
def test_wait_gives_up_on_what_never_gets_ready(url: str) -> None:
    begun = monotonic()
    with pytest.raises(SystemExit) as end:
        main(["wait", url, "--timeout", "0.3"])
    assert end.value.code == f"bill-simulator: {url} is not ready after 0.3 s"
    assert 0.3 <= monotonic() - begun < 3


def test_wait_needs_a_time_above_zero(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["wait", "http://127.0.0.1:1", "--timeout", "0"])
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert told == "bill-simulator: wait.timeout: Input should be greater than 0\n"


@pytest.mark.parametrize(
    "path", ["/v3/vendors?max=1", "v3/vendors?max=1", "/connect/v3/vendors?max=1"]
)
def test_call_signs_in_and_prints_the_answer(
    path: str, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["call", "GET", path, "--url", url])
    answer = json.loads(capsys.readouterr().out)
    assert [vendor["name"] for vendor in answer["results"]] == ["Happy Music Supplies"]


def test_call_posts_a_body(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    address = {"line1": "1 Main St", "city": "Reno", "zipOrPostalCode": "89501", "country": "US"}
    body = json.dumps({"name": "Reno Paper", "address": address})
    main(["call", "post", "/v3/vendors", body, "--url", f"{url}/"])
    made = json.loads(capsys.readouterr().out)
    assert (made["name"], made["id"][:3]) == ("Reno Paper", "009")


def test_call_prints_a_refusal_and_exits_with_1(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["call", "GET", "/v3/bills/00n02NOSUCHBILLaaaaa", "--url", url])
    assert end.value.code == 1
    [item] = json.loads(capsys.readouterr().out)
    assert item["code"] == "BDC_1205"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose control plane asks for a token."""
    running = serve(tmp_path_factory.mktemp("guarded"), "--token", TOKEN)
    yield running
    running.stop()


def test_call_brings_the_token_of_its_flag_or_of_the_environment(
    guarded: Served, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    call = ["call", "GET", "/v3/login/session", "--url", guarded.url]
    monkeypatch.setenv("BILLSIM_TOKEN", "wrong")
    main([*call, "--token", TOKEN])
    assert json.loads(capsys.readouterr().out)["mfaStatus"] == "SETUP"
    monkeypatch.setenv("BILLSIM_TOKEN", TOKEN)
    main(call)
    assert json.loads(capsys.readouterr().out)["mfaStatus"] == "SETUP"


def test_call_without_the_token_prints_the_refusal_and_exits_with_1(
    guarded: Served, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BILLSIM_TOKEN", raising=False)
    with pytest.raises(SystemExit) as end:
        main(["call", "GET", "/v3/bills", "--url", guarded.url])
    assert end.value.code == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["title"]) == (401, "Unauthorized")


def test_wait_needs_no_token(guarded: Served, capsys: pytest.CaptureFixture[str]) -> None:
    main(["wait", guarded.url, "--timeout", "5"])
    assert capsys.readouterr() == ("", "")


def test_serve_does_not_print_a_token_that_it_was_given(guarded: Served) -> None:
    assert TOKEN not in guarded.printed


def test_call_says_so_when_nothing_listens(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["call", "GET", "/v3/bills", "--url", "http://127.0.0.1:1"])
    assert str(end.value.code).startswith("bill-simulator: http://127.0.0.1:1: ")
    assert capsys.readouterr().out == ""


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    main([*arguments])
    return capsys.readouterr().out


def test_explain_tells_of_the_last_call(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["call", "GET", "/v3/bills/00n02NOSUCHBILLaaaaa?a=b", "--url", url])
    capsys.readouterr()
    lines = printed(capsys, "explain", "--url", url).splitlines()
    path = "/connect/v3/bills/00n02NOSUCHBILLaaaaa?a=b"
    assert re.fullmatch(rf"request-\d+  GET {re.escape(path)}  ->  404", lines[0])
    assert "  operation   GET /connect/v3/bills/{billId}" in lines
    assert "  decided by  run_operation: The operation's own rules must hold." in lines
    text = " ".join(lines)
    assert "BDC_1205: No data found for object with given ID (observed: " in text
    assert "There is no record 00n02NOSUCHBILLaaaaa of bills in the organization." in text
    assert "Operation: Get a bill, with its approvers if asked to." in lines


def test_explain_tells_of_any_call_without_its_secrets(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    body = re.findall(r"-d '(.*)'", served.printed)[0]
    main(["call", "POST", "/v3/login", body, "--url", served.url])
    capsys.readouterr()
    told = printed(capsys, "explain", "request-1", "--world", "default", "--url", served.url)
    assert told.startswith("request-1  POST /connect/v3/login  ->  200\n")
    assert '"password": "[redacted]"' in told
    assert json.loads(body)["password"] not in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["request-9999"], "'request-9999' is no request of default that is still kept."),
        (["--world", "nowhere"], "There is no world 'nowhere'."),
    ],
)
def test_explain_says_what_is_not_there(url: str, arguments: list[str], told: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["explain", *arguments, "--url", url])
    assert ended.value.code == f"bill-simulator: {told}"


def test_explain_says_so_before_the_first_call(tmp_path: Path) -> None:
    running = serve(tmp_path)
    try:
        with pytest.raises(SystemExit) as ended:
            main(["explain", "--url", running.url])
    finally:
        running.stop()
    assert ended.value.code == "bill-simulator: no call was made to world default yet"


def test_variables_of_other_programs_are_no_arguments(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"URL": "http://127.0.0.1:1", "BODY": "{", "TIMEOUT": "x"}.items():
        monkeypatch.setenv(name, value)
    for name in ("SERVE", "WAIT", "CALL", "OPERATIONS"):
        monkeypatch.setenv(name, "1")
    main(["wait", url])
    main(["call", "GET", "/v3/login/session", "--url", url])
    assert json.loads(capsys.readouterr().out)["mfaStatus"] == "SETUP"


def test_operations_lists_every_operation_with_its_evidence_or_as_a_gap(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["operations"])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [f"{method} {path}" for _, method, path in lines] == [
        known.key for known in known_operations()
    ]
    for basis, method, path in lines:
        built = operations().get(f"{method} {path}")
        assert basis == (built.evidence.basis if built else "gap")


def test_operations_can_be_cut_short_by_a_reader(tmp_path: Path) -> None:
    # A pipe holds 64 KiB at most: closed at once, it breaks before all is written.
    process = subprocess.Popen(
        [*COMMAND, "operations"],
        cwd=tmp_path,
        env={**plain_environment(), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, told = process.communicate(timeout=20)
    assert told == b""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["serve", "--prot", "1"], "unrecognized arguments: --prot"),
        (["serve", "--behaviour.maf", "x"], "unrecognized arguments: --behaviour.maf"),
        (["wait", "http://127.0.0.1:1", "--time", "1"], "unrecognized arguments: --time"),
        (["start"], "invalid choice: 'start'"),
        (["wait"], "the following arguments are required: URL"),
    ],
    ids=["flag", "nested flag", "abbreviation", "command", "missing"],
)
def test_unknown_arguments_are_refused_with_exit_code_2(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "summary"),
    [
        ("serve", "Start the simulator with its demo world."),
        ("wait", "Wait until a simulator is ready."),
        ("operations", "List every operation of BILL and whether it is built."),
    ],
)
def test_help_tells_every_command(
    command: str, summary: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    assert f" {command} {summary} " in " ".join(capsys.readouterr().out.split())
