"""The commands `bill-simulator scenario`: list, show, check, run, schema."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field
from pydantic_settings import CliApp, CliPositionalArg, CliSubCommand

from simulator.fetching import bearer, fetch, token_flag
from simulator.threaded import threaded


def _leave(told: str, status: int = 2) -> None:
    print(f"bill-simulator: {told}", file=sys.stderr)
    sys.exit(status)


def command(model: type[BaseModel], **more: Any) -> Any:
    """The field of a sub-command, of which `--help` tells the first line of its docstring."""
    return Field(description=(model.__doc__ or "").partition("\n")[0], **more)


def load(named: str) -> Any:
    """The scenario of a name or in a file; ends the command where there is none."""
    from simulator.scenarios.places import ScenarioError
    from simulator.scenarios.shipped import find

    try:
        return find(named)
    except ScenarioError as failure:
        _leave(f"{named} cannot be played:\n{failure}")
    except LookupError as failure:
        _leave(str(failure.args[0]))
    except OSError as failure:
        _leave(f"{named}: {failure}")


class List(BaseModel):
    """List the scenarios that come with the simulator."""

    def cli_cmd(self) -> None:
        """Print a line for each."""
        from simulator.scenarios.shipped import names, shipped

        for name in names():
            print(f"{name:<24} {shipped(name).title}")


class Show(BaseModel):
    """Tell the story and the task of a scenario."""

    name: CliPositionalArg[str] = Field(description="A name of `scenario list`, or a file.")

    def cli_cmd(self) -> None:
        """Print title, story and task."""
        scenario = load(self.name)
        print(f"{scenario.title}\n\n{scenario.story.strip()}\n\nTask: {scenario.task.strip()}")


class Check(BaseModel):
    """Check scenario files and build the world of each once."""

    files: CliPositionalArg[list[Path]] = Field(description="Files of scenarios.", min_length=1)

    def cli_cmd(self) -> None:
        """Print a line for each fault; exit with 1 if there is one."""
        from simulator.scenarios.places import ScenarioError
        from simulator.scenarios.shipped import from_file

        faulty = False
        for file in self.files:
            try:
                from_file(file)
            except ScenarioError as failure:
                faulty = True
                print(failure, file=sys.stderr)
            except OSError as failure:
                faulty = True
                print(f"{file}: {failure.strerror}", file=sys.stderr)
            else:
                print(f"{file}: ok")
        if faulty:
            sys.exit(1)


class Schema(BaseModel):
    """Print the JSON schema of scenario files, for editors."""

    def cli_cmd(self) -> None:
        """Print the schema."""
        from simulator.scenarios.schema import schema_page

        print(schema_page(), end="")


class Run(BaseModel):
    """Start a world of a scenario, and grade what clients did in it.

    Without --url a server of its own is started. The findings come when Enter is
    pressed or the input ends.
    """

    name: CliPositionalArg[str] = Field(description="A name of `scenario list`, or a file.")
    url: str = Field("", description="Where a simulator listens that is to have the world.")
    port: int = Field(0, ge=0, le=65535, description="Port of the server of its own.")
    token: str = token_flag()
    evaluate: str = Field("", description="Grade this world of --url, and start none.")

    def cli_cmd(self) -> None:
        """Print credentials and task, wait, print the findings; exit with 1 if it failed."""
        scenario = load(self.name)
        if self.evaluate and not self.url:
            _leave("--evaluate needs --url")
        with _own_server(self.port) if not self.url else _at(self.url.rstrip("/")) as base:
            world = self.evaluate or self._begin(base, scenario)
            if not self.evaluate:
                print("\nPress Enter when the client is done.", flush=True)
                sys.stdin.readline()
            expect = scenario.expect.model_dump(mode="json", by_alias=True, exclude_unset=True)
            verdict = self._post(f"{base}/_sim/worlds/{world}/evaluate", {"expect": expect})
        print(findings(verdict))
        if not verdict["passed"]:
            sys.exit(1)

    def _begin(self, base: str, scenario: Any) -> str:
        whole = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
        made = self._post(f"{base}/_sim/worlds", {"scenario": whole})
        for member in ("baseUrl", "devKey", "organizationId", "username", "password", "world"):
            print(f"  {member:<15} {made[member]}")
        print(f"\n{scenario.task.strip()}")
        return str(made["world"])

    def _post(self, url: str, body: Any) -> Any:
        headers = {"Content-Type": "application/json", **bearer(self.token)}
        try:
            status, answer = fetch("POST", url, json.dumps(body).encode(), headers)
            told = json.loads(answer)
        except (OSError, ValueError) as failure:
            _leave(f"{url}: {failure}", 1)
        if status >= 400:
            _leave(f"{url}: {told.get('detail', told)}", 1)
        return told


def findings(verdict: dict[str, Any]) -> str:
    """A verdict of the control plane, one line for each finding."""
    lines = []
    for finding in verdict["findings"]:
        mark = "ok  " if finding["passed"] else "FAIL" if finding["decided"] else "?   "
        lines.append(f"{mark} {finding['rule']}: {finding['why']}")
        if not finding["passed"]:
            named = [record.get("key", record.get("id", "")) for record in finding["records"]]
            where = ", ".join((*named, *finding["requests"]))
            lines.extend([f"     {where}"] if where else [])
    told = "passed" if verdict["passed"] else "failed"
    return "\n".join((*lines, f"{told}, score {verdict['score']:g}"))


@contextmanager
def _at(base: str) -> Iterator[str]:
    yield base


@contextmanager
def _own_server(port: int) -> Iterator[str]:
    """A server in a thread of this process, for as long as the block lasts."""
    from simulator.server import Simulator

    with ExitStack() as stack:
        try:
            url = stack.enter_context(threaded(lambda: Simulator(port=port)))
        except OSError as failure:
            _leave(f"cannot listen on port {port}: {failure}", 1)
        yield url


class Scenario(BaseModel):
    """Worlds with a story: list, show, check and run them."""

    list: CliSubCommand[List] = command(List)
    show: CliSubCommand[Show] = command(Show)
    check: CliSubCommand[Check] = command(Check)
    run: CliSubCommand[Run] = command(Run)
    # pydantic's models have a method `schema`.
    schema_: CliSubCommand[Schema] = command(Schema, alias="schema")

    def cli_cmd(self) -> None:
        """Run the chosen command."""
        CliApp.run_subcommand(self)
