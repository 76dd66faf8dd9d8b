"""The command `bill-simulator`: serve, wait, call, operations.

Settings come from flags, then BILLSIM_* in the environment, then
bill-simulator.yaml in the working directory, by one model.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import urllib.error
import urllib.request
from time import monotonic, sleep
from typing import Any

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
from yaml import YAMLError

from simulator.resources.catalogue import known_operations, operations
from simulator.server import Simulator, spare_collector
from simulator.settings import ServerSettings
from simulator.version import VERSION

_CONFIG = SettingsConfigDict(
    env_prefix="BILLSIM_",
    env_nested_delimiter="__",
    yaml_file="bill-simulator.yaml",
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
        return init_settings, env_settings, YamlConfigSettingsSource(settings_cls)


class Serve(_Configured, ServerSettings):  # type: ignore[misc] # two kinds of model_config
    """Start the simulator with its demo world."""

    def cli_cmd(self) -> None:
        """Run until SIGINT or SIGTERM."""
        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
        asyncio.run(_serve(self))


async def _serve(settings: ServerSettings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    simulator = Simulator(
        host=settings.host,
        port=settings.port,
        seed=settings.seed,
        behaviour=settings.behaviour,
    )
    try:
        await simulator.start()
    except OSError as failure:
        sys.exit(f"bill-simulator: cannot listen on {settings.host}:{settings.port}: {failure}")
    spare_collector()
    print(banner(simulator), flush=True)
    await stop.wait()
    await simulator.stop()


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
            "",
            "Sign in:",
            f"  curl -s {simulator.url}/connect/v3/login -H 'Content-Type: application/json' \\",
            f"    -d '{json.dumps(login)}'",
            "",
            "Stop with Ctrl-C.",
        )
    )


def _fetch(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


class Wait(BaseModel):
    """Wait until a simulator is ready."""

    url: CliPositionalArg[str] = Field(description="Where it listens: http://127.0.0.1:8080")
    timeout: float = Field(30.0, gt=0, description="Seconds to wait at most.")

    def cli_cmd(self) -> None:
        """Exit with 0 when ready, with 1 if it does not get ready in time."""
        end = monotonic() + self.timeout
        while True:
            try:
                status, _ = _fetch("GET", f"{self.url.rstrip('/')}/_sim/health", None, {})
                if status == 200:
                    return
            except (OSError, ValueError):
                pass
            if monotonic() >= end:
                sys.exit(f"bill-simulator: {self.url} is not ready after {self.timeout:g} s")
            sleep(0.1)


class Call(BaseModel):
    """Send one request as the demo administrator, signed in for you."""

    method: CliPositionalArg[str] = Field(description="GET, POST, PUT, PATCH or DELETE")
    path: CliPositionalArg[str] = Field(description="A path of BILL: /v3/bills")
    body: CliPositionalArg[str] = Field("", description="The JSON body, if any.")
    url: str = Field("http://127.0.0.1:8080", description="Where the simulator listens.")

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
        world = json.loads(_fetch("GET", f"{base}/_sim/worlds/default", None, {})[1])
        login = {key: world[key] for key in ("username", "password", "organizationId", "devKey")}
        json_type = {"Content-Type": "application/json"}
        status, answer = _fetch(
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
        return _fetch(self.method.upper(), f"{base}/connect{path}", body, headers)


def _pretty(answer: bytes) -> str:
    try:
        return json.dumps(json.loads(answer), indent=2)
    except ValueError:
        return answer.decode(errors="replace")


class Operations(BaseModel):
    """List every operation of BILL and whether it is built."""

    def cli_cmd(self) -> None:
        """Print one line for each operation."""
        built = operations()
        for known in known_operations():
            operation = built.get(known.key)
            told: Any = operation.evidence.basis if operation else "gap"
            print(f"{told:<10} {known.method:<6} {known.path}")


class BillSimulator(BaseSettings, cli_kebab_case=True, cli_prog_name="bill-simulator"):
    """A simulator of the BILL (bill.com) v3 API."""

    serve: CliSubCommand[Serve]
    wait: CliSubCommand[Wait]
    call: CliSubCommand[Call]
    operations: CliSubCommand[Operations]

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
    except (SettingsError, YAMLError) as failure:
        print(f"bill-simulator: {failure}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read the output has enough: `bill-simulator operations | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
