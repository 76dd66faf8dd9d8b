"""Serve a world to be fuzzed, and fuzz it. `python -m fuzz.run st SECONDS [FURTHER ARGUMENTS]`"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from simulator import Behaviour, Simulator, founding
from simulator.core.limits import Limits
from simulator.resources.deliveries import Delivery, Outcome
from simulator.resources.subscription_rows import Subscription
from simulator.webhooks.sender import Sender
from simulator.worlds import wall

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unchanged_by_refusal",
)
# It ends the session that all other calls need.
LEFT_OUT = ("postLogout",)


class Nowhere(Sender):
    """Sends nothing: the URLs of fuzzed subscriptions may be anybody's."""

    async def send(self, subscription: Subscription, delivery: Delivery, form: str) -> Outcome:
        """Tell that nothing was sent."""
        return Outcome(None, "fuzzing sends nothing")


async def fuzz(command: str, seconds: int, further: list[str]) -> int:
    """Fuzz for `seconds`; returns Schemathesis' exit code."""
    behaviour = Behaviour(mfa="bypassed", session_expiry="never")
    async with Simulator(behaviour=behaviour, sender=Nowhere()) as server:
        world = server.worlds.make("fuzzed", start=wall())
        founding.add_demo(world)
        world.limiter.limits = Limits(
            requests_per_hour=None,
            logins_per_hour=None,
            concurrent=None,
            texts_per_minute=None,
            spend_per_minute=None,
        )
        left_out = [part for one in LEFT_OUT for part in ("--exclude-operation-id", one)]
        fuzzing = await asyncio.create_subprocess_exec(
            command,
            "run",
            f"{server.url}/_sim/openapi.json",
            f"--max-time={seconds}",
            f"--checks={','.join(CHECKS)}",
            "--exclude-by=/x-gap == true",
            "--generation-with-security-parameters=false",
            "--suppress-health-check=all",
            # Many operations a little rather than the first ones at length.
            "--max-examples=25",
            "--generation-database=none",
            "--continue-on-failure",
            *left_out,
            *further,
            env={
                **os.environ,
                "SCHEMATHESIS_HOOKS": "fuzz.hooks",
                "FUZZED_WORLD": f"{server.url}/_sim/worlds/{world.name}",
            },
            cwd=Path(__file__).parent.parent,
        )
        return await fuzzing.wait()


if __name__ == "__main__":
    command, seconds, *further = sys.argv[1:]
    sys.exit(asyncio.run(fuzz(command, int(seconds), further)))
