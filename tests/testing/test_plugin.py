"""The pytest plugin, in pytest runs of their own."""

from __future__ import annotations

import re
import sys

import pytest

from simulator import Simulator
from simulator.client import Server
from simulator.threaded import threaded

pytest_plugins = ["pytester"]

# Whatever pytest warns of shall fail these runs.
STRICT = ("-W", "error", "--strict-markers", "-p", "no:cacheprovider")
ASYNC = """
    [pytest]
    asyncio_mode = {mode}
    asyncio_default_fixture_loop_scope = function
"""


@pytest.fixture(autouse=True)
def plain_environment(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BILL_SIMULATOR_URL", "BILLSIM_TOKEN", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    pytester.makeini(ASYNC.format(mode="strict"))


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(*STRICT, *arguments)


def test_a_test_without_a_loop_pays_and_waits(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import json
        from urllib.request import Request, urlopen

        import pytest

        @pytest.mark.bill_simulator(start="2026-06-03T16:00:00Z", seed=7)
        def test_it(bill_world):
            session = bill_world.login(trusted=True)
            url = f"{bill_world.base_url}/v3/vendors"
            body = {"name": "V", "address": {"line1": "1 Main", "city": "Boise",
                    "stateOrProvince": "ID", "zipOrPostalCode": "83702", "country": "US"}}
            headers = {"Content-Type": "application/json", **session.headers}
            request = Request(url, json.dumps(body).encode(), headers)
            with urlopen(request) as response:
                assert response.status == 201
            assert bill_world.requests[0].operation == "POST /connect/v3/vendors"
            assert [one.resource for one in bill_world.requests[0].writes] == ["vendors"]
            assert bill_world.clock.mode == "frozen"
            assert bill_world.clock.advance(business_days=2).now.isoformat() == (
                "2026-06-05T16:00:00+00:00")
            assert bill_world.outbox[0].code == bill_world.code()
        """
    )
    run(pytester).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("mode", "mark"), [("auto", ""), ("strict", "@pytest.mark.asyncio")], ids=["auto", "strict"]
)
def test_a_test_with_a_loop_reaches_the_same_server(
    pytester: pytest.Pytester, mode: str, mark: str
) -> None:
    pytester.makeini(ASYNC.format(mode=mode))
    pytester.makepyfile(
        f"""
        import aiohttp
        import pytest

        {mark}
        async def test_it(bill_world):
            session = bill_world.login()
            async with aiohttp.ClientSession(headers=session.headers) as http:
                async with http.get(bill_world.base_url + "/v3/bills") as response:
                    assert response.status == 200
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_every_test_has_a_world_and_all_share_one_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        seen = []

        def test_first(bill_simulator, bill_world):
            bill_world.login()
            seen.append((bill_simulator.url, bill_world.name, bill_world.credentials.dev_key))

        def test_second(bill_simulator, bill_world):
            [(url, name, dev_key)] = seen
            assert url == bill_simulator.url
            assert bill_world.credentials.dev_key != dev_key
            assert bill_world.requests == []
            assert name not in [world.name for world in bill_simulator.worlds()]
        """
    )
    run(pytester).assert_outcomes(passed=2)


def test_workers_of_xdist_have_a_server_each(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import time
        from pathlib import Path

        import pytest

        @pytest.mark.parametrize("number", range(2))
        def test_it(bill_world, bill_simulator, number, worker_id):
            here = Path(__file__).parent
            (here / f"{worker_id}.url").write_text(bill_simulator.url)
            assert bill_world.login().call("GET", "/v3/bills").status == 200
            # Until the other one has come as well, so that one worker does not take both.
            while len(list(here.glob("*.url"))) < 2:
                time.sleep(0.01)
        """
    )
    run(pytester, "-n", "2").assert_outcomes(passed=2)
    addresses = {file.read_text() for file in pytester.path.glob("*.url")}
    assert len(addresses) == 2


def test_markers_of_a_test_go_before_its_classs_and_those_before_the_fixture(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def bill_world_options():
            return {"start": "2026-01-05T17:00:00Z", "behaviour": {"mfa": "bypassed"}}

        @pytest.mark.bill_simulator(start="2026-02-02T17:00:00Z")
        class TestIt:
            def test_class(self, bill_world):
                assert bill_world.clock.now.month == 2
                assert bill_world.login().call("GET", "/v3/login/session").body["mfaBypass"]

            @pytest.mark.bill_simulator(start="2026-03-02T17:00:00Z", behaviour={})
            def test_function(self, bill_world):
                assert bill_world.clock.now.month == 3
                assert not bill_world.login().call("GET", "/v3/login/session").body["mfaBypass"]

        def test_fixture(bill_world):
            assert bill_world.clock.now.month == 1
        """
    )
    run(pytester).assert_outcomes(passed=3)


def test_a_scenario_is_played_and_graded(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.bill_simulator(scenario="month-end-pay-run")
        def test_it(bill_world):
            verdict = bill_world.evaluate()
            assert not verdict.passed
            assert any(not finding.passed and finding.why for finding in verdict.findings)
        """
    )
    run(pytester).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ("behavior={}", "*bill_simulator: behavior: it takes behaviour=, scenario=, seed=, start="),
        ("'bypassed'", "*bill_simulator: 'bypassed': it takes *"),
        ("behaviour={'mfa': 'no'}", "*behaviour.mfa: Input should be 'required' or 'bypassed'"),
        ("start='2026-06-03'", "bill_world: start: *"),
    ],
)
def test_a_faulty_marker_is_refused_by_name(
    pytester: pytest.Pytester, marker: str, told: str
) -> None:
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.bill_simulator({marker})
        def test_it(bill_world):
            pass
        """
    )
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([told])


def test_the_server_may_be_told_how_to_be(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture(scope="session")
        def bill_simulator_options():
            return {"seed": 5, "token": "secret-of-tests"}

        def test_it(bill_simulator, bill_world):
            assert bill_simulator.world().name == "default"
            assert bill_world.clock.mode == "live"
        """
    )
    run(pytester).assert_outcomes(passed=1)


NAMES_ITS_SERVER = """
    def test_it(bill_simulator, bill_world):
        print("served by", bill_simulator.url, bill_world.name)
"""


@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_running_server_is_used_and_left_clean(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    pytester.makepyfile(NAMES_ITS_SERVER)
    with threaded(lambda: Simulator(token="secret")) as url:
        arguments = [f"--bill-simulator-url={url}", "--bill-simulator-token=secret"]
        if by == "environment":
            monkeypatch.setenv("BILL_SIMULATOR_URL", url)
            monkeypatch.setenv("BILLSIM_TOKEN", "secret")
            arguments = []
        result = run(pytester, "-s", *arguments)
        left = [world.name for world in Server(url, "secret").worlds()]
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"*served by {url} world-*"])
    assert left == ["default"]


def test_a_missing_token_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(NAMES_ITS_SERVER)
    with threaded(lambda: Simulator(token="secret")) as url:
        result = run(pytester, f"--bill-simulator-url={url}")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["bill_world: Authorization: is missing; *"])


def test_a_test_that_fails_shows_the_calls_to_its_world(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_it(bill_world):
            assert bill_world.login().call("GET", "/v3/bills/00n02NOSUCHBILLaaaaa").status == 200
        """
    )
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*BILL simulator, calls to world-1*",
            "request-1 POST /connect/v3/login 200",
            "request-2 GET /connect/v3/bills/00n02NOSUCHBILLaaaaa 404 BDC_1205",
        ]
    )


def test_a_run_that_needs_no_simulator_imports_none(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_it():
            found = [name for name in sys.modules if name.startswith("simulator.")]
            assert sorted(found) == ["simulator.testing", "simulator.version"]
        """
    )
    # Other plugins of this project's own tests import what they want.
    run(pytester, "-p", "no:aiohttp").assert_outcomes(passed=1)


def test_the_plugin_tells_its_fixtures_options_and_marker(pytester: pytest.Pytester) -> None:
    told = "\n".join(
        run(pytester, flag).stdout.str() for flag in ("--fixtures", "--help", "--markers")
    )
    for expected in (
        r"^bill_simulator \[session scope\]",
        r"^bill_world ",
        r"--bill-simulator-url=URL",
        r"^@pytest.mark.bill_simulator\(behaviour=…, scenario=…, seed=…, start=…\)",
    ):
        assert re.search(expected, told, re.M), expected
    assert sys.modules["simulator.testing"].__doc__
