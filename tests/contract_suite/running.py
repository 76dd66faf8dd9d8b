"""Contract runs in processes of their own, as a person starts them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from socket import create_server
from typing import Any

from tests.http import BillClient
from tests.readme import ROOT

# Those that the suite needs; the others that are installed take a second to load.
_PLUGINS = ("-p", "pytest_asyncio.plugin", "-p", "pytest_timeout", "-p", "xdist.plugin")


@dataclass(frozen=True)
class Run:
    """How a run ended, what it printed and what it reported."""

    code: int
    printed: str
    directory: Path

    def read(self, name: str) -> str:
        """The text of a file that the run wrote."""
        return (self.directory / name).read_text("utf-8")

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads(self.read("report.json")))

    @property
    def outcomes(self) -> dict[str, str]:
        return {check["id"]: check["outcome"] for check in self.report["checks"]}

    @property
    def failed(self) -> set[str]:
        """The names of the checks that failed, without their cases."""
        return {
            name.split("::")[1].split("[")[0]
            for name, outcome in self.outcomes.items()
            if outcome == "failed"
        }


async def start(
    directory: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    stdin: int = asyncio.subprocess.DEVNULL,
) -> asyncio.subprocess.Process:
    """Start the contract suite; none of this process's BILL_ variables reach it."""
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("BILL", "PYTEST"))
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", *_PLUGINS),
        *("--report-dir", str(directory)),
        *arguments,
        cwd=ROOT,
        env={**plain, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **(environment or {})},
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def finish(process: asyncio.subprocess.Process, directory: Path) -> Run:
    """Wait for a run to end."""
    printed, _ = await process.communicate()
    assert process.returncode is not None
    return Run(process.returncode, printed.decode(), directory)


async def run(
    directory: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> Run:
    """Run the contract suite from its start to its end."""
    return await finish(await start(directory, *arguments, environment=environment), directory)


def free_port() -> int:
    """A port that nothing listens on."""
    with closing(create_server(("127.0.0.1", 0))) as found:
        return int(found.getsockname()[1])


def credentials(client: BillClient, url: str) -> dict[str, str]:
    """The variables of a world whose paths are reached at `url`."""
    world = client.world
    return {
        "BILL_BASE_URL": f"{url}/connect",
        "BILL_USERNAME": world["username"],
        "BILL_PASSWORD": world["password"],
        "BILL_ORGANIZATION_ID": world["organizationId"],
        "BILL_DEV_KEY": world["devKey"],
        "BILL_APP_KEY": world["appKey"],
        "BILL_PARTNER_USERNAME": world["partner"]["username"],
        "BILL_PARTNER_PASSWORD": world["partner"]["password"],
    }


def device(client: BillClient) -> dict[str, str]:
    """The variables of the device that a trusted client remembered."""
    return {
        "BILL_REMEMBER_ME_ID": client.remembered["rememberMeId"],
        "BILL_DEVICE": client.remembered["device"],
    }


async def challenge(client: BillClient) -> dict[str, str]:
    """The variables of a challenge that is still to be answered."""
    answer = await client.post("/v3/mfa/challenge", {})
    return {
        "BILL_MFA_CHALLENGE_ID": answer.body["challengeId"],
        "BILL_MFA_CODE": await client.code(),
    }


def webhooks(port: int) -> dict[str, str]:
    return {"BILL_WEBHOOK_URL": f"http://127.0.0.1:{port}/webhooks"}
