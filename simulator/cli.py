"""The command `bill-simulator`: serve, wait, call, generate and others.

Settings come from flags, then BILLSIM_* in the environment, then
bill-simulator.yaml in the working directory, by one model.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

from pydantic import BaseModel, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    CliApp,
    CliPositionalArg,
    CliSubCommand,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)

from simulator.fetching import bearer, fetch, token_flag
from simulator.generate_command import Generate
from simulator.scenario_commands import Scenario, command, load
from simulator.settings import ServerSettings
from simulator.version import VERSION

# Each command imports what it needs: health checks start `wait` every few seconds.
if TYPE_CHECKING:
    from simulator.core.world import World
    from simulator.reports import Report
    from simulator.server import Simulator

_FILE = Path("bill-simulator.yaml")
_CONFIG = SettingsConfigDict(
    env_prefix="BILLSIM_",
    env_nested_delimiter="__",
    cli_kebab_case=True,
    extra="forbid",
)


class _Configured(BaseSettings):
    model_config = _CONFIG

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        if not _FILE.exists():
            return init_settings, env_settings
        from yaml import YAMLError

        try:
            return init_settings, env_settings, YamlConfigSettingsSource(settings_cls, _FILE)
        except YAMLError as failure:
            _leave(str(failure))


class Serve(_Configured, ServerSettings):  # type: ignore[misc] # two kinds of model_config
    """Start the simulator with its demo world."""

    def cli_cmd(self) -> None:
        """Run until SIGINT or SIGTERM."""
        # Imports make no garbage to speak of; looking for it takes a sixth of the start.
        gc.disable()
        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
        asyncio.run(_serve(self))


async def _serve(settings: ServerSettings) -> None:
    from simulator.server import Simulator, spare_collector
    from simulator.state_file import StateError
    from simulator.webhooks.sender import Sender

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    simulator = Simulator(
        host=settings.host,
        port=settings.port,
        seed=settings.seed,
        behaviour=settings.behaviour,
        scenario=load(settings.scenario) if settings.scenario else None,
        token=settings.token,
        allowed_hosts=settings.allowed_hosts,
        sender=Sender(
            timeout=settings.webhook_timeout,
            hosts=settings.webhook_hosts.split(","),
            verify_tls=settings.webhook_verify_tls,
        ),
        state=Path(settings.state) if settings.state else None,
        state_interval=settings.state_interval,
        largest_state=settings.largest_state,
    )
    try:
        await simulator.start()
    except StateError as failure:
        sys.exit(f"bill-simulator: {failure}")
    except OSError as failure:
        sys.exit(f"bill-simulator: cannot listen on {settings.host}:{settings.port}: {failure}")
    spare_collector()
    gc.enable()
    print(banner(simulator), flush=True)
    await stop.wait()
    try:
        await simulator.stop()
    except StateError as failure:
        sys.exit(f"bill-simulator: {failure}")


def _task(world: World) -> tuple[str, ...]:
    """The task of the scenario that is played in a world, if one is."""
    if world.script is None:
        return ()
    return ("Task:", *(f"  {line}" for line in world.script.task.splitlines()), "")


def banner(simulator: Simulator) -> str:
    """What a person needs first: address, credentials and a first call."""
    credentials = simulator.worlds.default.credentials
    assert credentials is not None
    login = {
        "username": credentials.username,
        "password": credentials.password,
        "organizationId": credentials.organization_id,
        "devKey": credentials.dev_key,
    }
    return "\n".join(
        (
            f"BILL simulator {VERSION}",
            "",
            f"  base URL        {simulator.url}/connect",
            f"  devKey          {credentials.dev_key}",
            f"  organizationId  {credentials.organization_id}",
            f"  username        {credentials.username}",
            f"  password        {credentials.password}",
            f"  control plane   {simulator.url}/_sim/worlds/default",
            # Whoever gave a token knows it, and logs need not.
            *([f"  token           {simulator.token}"] if simulator.made_token else ()),
            "",
            "Sign in:",
            f"  curl -s {simulator.url}/connect/v3/login -H 'Content-Type: application/json' \\",
            f"    -d '{json.dumps(login)}'",
            "",
            *_task(simulator.worlds.default),
            "Stop with Ctrl-C.",
        )
    )


class Wait(BaseModel):
    """Wait until a simulator is ready."""

    url: CliPositionalArg[str] = Field(description="Where it listens: http://127.0.0.1:8080")
    timeout: float = Field(30.0, gt=0, description="Seconds to wait at most.")

    def cli_cmd(self) -> None:
        """Exit with 0 when ready, with 1 if it does not get ready in time."""
        from simulator.client import NotReady, Server

        try:
            Server(self.url).wait(self.timeout)
        except NotReady as failure:
            sys.exit(f"bill-simulator: {failure}")


class Call(BaseModel):
    """Send one request as the demo administrator, signed in for you."""

    method: CliPositionalArg[str] = Field(description="GET, POST, PUT, PATCH or DELETE")
    path: CliPositionalArg[str] = Field(description="A path of BILL: /v3/bills")
    body: CliPositionalArg[str] = Field("", description="The JSON body, if any.")
    url: str = Field("http://127.0.0.1:8080", description="Where the simulator listens.")
    token: str = token_flag()

    def cli_cmd(self) -> None:
        """Print the answer; exit with 1 if it is a refusal."""
        base = self.url.rstrip("/")
        try:
            status, answer = self._call(base)
        except (OSError, ValueError) as failure:
            sys.exit(f"bill-simulator: {base}: {failure}")
        print(_pretty(answer))
        if status >= 400:
            sys.exit(1)

    def _call(self, base: str) -> tuple[int, bytes]:
        status, answer = fetch("GET", f"{base}/_sim/worlds/default", None, bearer(self.token))
        if status != 200:
            return status, answer
        world = json.loads(answer)
        login = {key: world[key] for key in ("username", "password", "organizationId", "devKey")}
        json_type = {"Content-Type": "application/json"}
        status, answer = fetch(
            "POST", f"{base}/connect/v3/login", json.dumps(login).encode(), json_type
        )
        if status != 200:
            return status, answer
        headers = {
            **json_type,
            "devKey": world["devKey"],
            "sessionId": json.loads(answer)["sessionId"],
        }
        path = "/" + self.path.removeprefix("/").removeprefix("connect/")
        body = self.body.encode() or None
        return fetch(self.method.upper(), f"{base}/connect{path}", body, headers)


class Explain(BaseModel):
    """Tell why a call got its answer: the last one, or the one with an id."""

    id: CliPositionalArg[str] = Field("", description="request-12; left out, the last call.")
    world: str = Field("default", description="The world that the call was made to.")
    url: str = Field("http://127.0.0.1:8080", description="Where the simulator listens.")
    token: str = token_flag()

    def cli_cmd(self) -> None:
        """Print the explanation; exit with 1 if there is no such call."""
        from simulator.explained import explained

        try:
            entry_id = self.id or self._last()
            told = explained(self._get(f"/{quote(entry_id, safe='')}"))
        except (OSError, ValueError) as failure:
            sys.exit(f"bill-simulator: {self.url}: {failure}")
        print(told)

    def _last(self) -> str:
        results = self._get("?max=1")["results"]
        if not results:
            sys.exit(f"bill-simulator: no call was made to world {self.world} yet")
        return str(results[0]["id"])

    def _get(self, path: str) -> Any:
        world = quote(self.world, safe="")
        url = f"{self.url.rstrip('/')}/_sim/worlds/{world}/requests{path}"
        status, answer = fetch("GET", url, None, bearer(self.token))
        told = json.loads(answer)
        if status != 200:
            sys.exit(f"bill-simulator: {told['detail']}")
        return told


def _pretty(answer: bytes) -> str:
    try:
        return json.dumps(json.loads(answer), indent=2)
    except ValueError:
        return answer.decode(errors="replace")


class Operations(BaseModel):
    """List every operation of BILL and whether it is built."""

    def cli_cmd(self) -> None:
        """Print one line for each operation."""
        from simulator.resources.catalogue import known_operations, operations

        built = operations()
        for known in known_operations():
            operation = built.get(known.key)
            told: Any = operation.evidence.basis if operation else "gap"
            print(f"{told:<10} {known.method:<6} {known.path}")


class Openapi(BaseModel):
    """Print BILL's API as the simulator serves it, as an OpenAPI 3.1 document."""

    def cli_cmd(self) -> None:
        """Print the document in one line."""
        from simulator.openapi import encoded

        print(encoded().decode())


class Drift(BaseModel):
    """Tell where two reports of the contract suite differ, field by field."""

    first: CliPositionalArg[Path] = Field(description="A report.json of contract_tests.")
    second: CliPositionalArg[Path] = Field(description="Another one, of the other target or day.")

    def cli_cmd(self) -> None:
        """Print the differences; exit with 1 if there are any, with 2 without two reports."""
        from simulator.drift import drift

        found = drift(_report(self.first), _report(self.second))
        for difference in found.differences:
            print(difference)
        print(
            f"{found.compared} checks compared, {len(found.differences)} differences;"
            f" {found.left_out} checks did not run on both sides"
        )
        if found.differences:
            sys.exit(1)


class Confirm(BaseModel):
    """Turn what a report of the contract suite confirms on BILL's sandbox into evidence."""

    report: CliPositionalArg[Path] = Field(description="A report.json of --target sandbox.")

    def cli_cmd(self) -> None:
        """Print what was confirmed and what was not; exit with 2 if the report confirms nothing."""
        from simulator.confirm import TABLE, NotConfirming, confirm

        try:
            found = confirm(_report(self.report))
        except (NotConfirming, OSError) as refusal:
            _leave(str(refusal))
        for behaviour in found.refuted:
            print(f"not confirmed: {behaviour}")
        print(f"{len(found.confirmed)} behaviours confirmed in {TABLE}; now run `make docs`")


def _report(path: Path) -> Report:
    from simulator.reports import UnreadableReport, read_report

    try:
        return read_report(path)
    except UnreadableReport as failure:
        _leave(str(failure))


def _leave(told: str) -> NoReturn:
    print(f"bill-simulator: {told}", file=sys.stderr)
    sys.exit(2)


class BillSimulator(BaseSettings, cli_kebab_case=True, cli_prog_name="bill-simulator"):
    """A simulator of the BILL (bill.com) v3 API."""

    serve: CliSubCommand[Serve] = command(Serve)
    wait: CliSubCommand[Wait] = command(Wait)
    call: CliSubCommand[Call] = command(Call)
    explain: CliSubCommand[Explain] = command(Explain)
    operations: CliSubCommand[Operations] = command(Operations)
    scenario: CliSubCommand[Scenario] = command(Scenario)
    generate: CliSubCommand[Generate] = command(Generate)
    drift: CliSubCommand[Drift] = command(Drift)
    confirm: CliSubCommand[Confirm] = command(Confirm)
    openapi: CliSubCommand[Openapi] = command(Openapi)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Nothing but the command line: a variable named WAIT is somebody else's."""
        return (init_settings,)

    def cli_cmd(self) -> None:
        """Run the chosen command."""
        CliApp.run_subcommand(self)


def main(arguments: list[str] | None = None) -> None:
    """The entry point of `bill-simulator` and `python -m simulator`."""
    try:
        CliApp.run(BillSimulator, cli_args=arguments if arguments is not None else sys.argv[1:])
    except ValidationError as failure:
        if failure.title != BillSimulator.__name__:
            raise
        for error in failure.errors(include_url=False):
            place = ".".join(map(str, error["loc"]))
            print(f"bill-simulator: {place}: {error['msg']}", file=sys.stderr)
        sys.exit(2)
    except SettingsError as failure:
        print(f"bill-simulator: {failure}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read the output has enough: `bill-simulator operations | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
