"""The pytest plugin: fixtures `bill_simulator` and `bill_world`.

    def test_it_pays(bill_world):
        client = MyBillClient(bill_world.base_url, bill_world.credentials)
        …
        bill_world.clock.advance(business_days=5)

Nothing of the simulator is imported before a test asks for one of the fixtures.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from simulator.client import Server, World

MARKER = "bill_simulator"
_WORLD_OPTIONS = ("behaviour", "scenario", "seed", "start")
_WAIT = 30.0
_LISTED = 10


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where a simulator runs, if none is to be started."""
    group = parser.getgroup("bill-simulator", "BILL simulator")
    group.addoption(
        "--bill-simulator-url",
        metavar="URL",
        help="use the simulator that runs there; default: BILL_SIMULATOR_URL, else one is started",
    )
    group.addoption(
        "--bill-simulator-token",
        metavar="TOKEN",
        help="what its control plane asks for; default: BILLSIM_TOKEN",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    options = ", ".join(f"{name}=…" for name in _WORLD_OPTIONS)
    config.addinivalue_line(
        "markers", f"{MARKER}({options}): how the world of the fixture bill_world is made"
    )


@pytest.fixture(scope="session")
def bill_simulator_options() -> dict[str, Any]:
    """What the started server differs in, as arguments of `Simulator`; for overriding."""
    return {}


@pytest.fixture(scope="session")
def bill_simulator(
    request: pytest.FixtureRequest, bill_simulator_options: dict[str, Any]
) -> Iterator[Server]:
    """A running simulator: one started for this process, or the one that an option names."""
    from simulator.client import NotReady, Server

    option = request.config.getoption
    url = option("--bill-simulator-url") or os.environ.get("BILL_SIMULATOR_URL")
    if url:
        server = Server(url, option("--bill-simulator-token"))
        late = ""
        try:
            server.wait(_WAIT)
        except NotReady as failure:
            late = str(failure)
        if late:
            pytest.fail(f"bill_simulator: {late}", pytrace=False)
        yield server
        return
    from simulator.server import Simulator
    from simulator.threaded import threaded

    with threaded(lambda: Simulator(**bill_simulator_options)) as started:
        yield Server(started, bill_simulator_options.get("token", ""))


@pytest.fixture
def bill_world_options() -> dict[str, Any]:
    """How `bill_world` is made, as arguments of `Server.make_world`; for overriding.

    What a marker says goes before it.
    """
    return {}


@pytest.fixture
def bill_world(
    request: pytest.FixtureRequest, bill_simulator: Server, bill_world_options: dict[str, Any]
) -> Iterator[World]:
    """A world that only this test sees; it is removed after the test."""
    from simulator.client import ControlRefusal

    options = {**bill_world_options, **_marked(request.node)}
    refused = ""
    try:
        world = bill_simulator.make_world(**options)
    except ControlRefusal as refusal:
        refused = refusal.detail
    if refused:
        pytest.fail(f"bill_world: {refused}", pytrace=False)
    yield world
    world.remove()


def _marked(node: pytest.Item) -> dict[str, Any]:
    """What the markers of a test, its class and its module say, the closest first."""
    options: dict[str, Any] = {}
    for marker in node.iter_markers(MARKER):
        unknown = [*map(repr, marker.args), *(marker.kwargs.keys() - set(_WORLD_OPTIONS))]
        if unknown:
            told = ", ".join(sorted(unknown))
            known = ", ".join(f"{name}=" for name in _WORLD_OPTIONS)
            pytest.fail(f"@pytest.mark.{MARKER}: {told}: it takes {known}", pytrace=False)
        options = {**marker.kwargs, **options}
    return options


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the last calls to its world with a test that failed."""
    report = yield
    world = getattr(item, "funcargs", {}).get("bill_world")
    if world is not None and report.when == "call" and report.failed:
        told = _calls(world)
        if told:
            report.sections.append((f"BILL simulator, calls to {world.name}", told))
    return report


def _calls(world: World) -> str:
    from simulator.client import ControlRefusal

    try:
        found = world.find_requests(max=_LISTED)
    except (ControlRefusal, OSError) as failure:
        return str(failure)
    return "\n".join(
        " ".join((one.id, one.method, one.path, str(one.status or "cut"), *one.codes))
        for one in reversed(found)
    )
