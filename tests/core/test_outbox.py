from __future__ import annotations

import json

import pytest

from simulator.core import context
from simulator.core.context import Ctx
from simulator.core.outbox import MOST_MESSAGES
from simulator.core.world import World
from tests.core.things import AWAY, call, do, make_world, trace


def texts(world: World) -> list[str]:
    return [message.text for message in world.table("outbox", "")]


def send(ctx: Ctx, *numbers: int) -> None:
    for number in numbers:
        ctx.send("email", "ada@cedarfinch.example", f"message {number}")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose outbox holds three messages."""
    monkeypatch.setattr(context, "MOST_MESSAGES", 3)
    return make_world()


def test_a_message_is_written_with_its_code_and_time() -> None:
    world = make_world()
    do(world, lambda ctx: ctx.send("sms", "+14155550123", "123456 is your code.", "123456"))
    (message,) = world.table("outbox", "")
    assert json.loads(message.wire()) == {
        "id": "message-0",
        "kind": "sms",
        "to": "+14155550123",
        "text": "123456 is your code.",
        "code": "123456",
        "time": "2026-06-03T19:00:00.000+00:00",
    }


def test_a_message_without_a_code_has_no_such_member() -> None:
    world = make_world()
    do(world, lambda ctx: send(ctx, 1))
    (message,) = world.table("outbox", "")
    assert "code" not in json.loads(message.wire())


def test_all_organizations_of_a_world_share_one_outbox_in_order() -> None:
    world = make_world()
    do(world, lambda ctx: send(ctx, 1))
    do(world, lambda ctx: send(ctx, 2), AWAY)
    do(world, lambda ctx: send(ctx, 3))
    assert texts(world) == ["message 1", "message 2", "message 3"]


def test_the_outbox_is_large() -> None:
    assert MOST_MESSAGES >= 1000


def test_the_oldest_messages_go_when_the_outbox_is_full(small: World) -> None:
    do(small, lambda ctx: send(ctx, 1, 2, 3, 4))
    do(small, lambda ctx: send(ctx, 5))
    assert texts(small) == ["message 3", "message 4", "message 5"]


def test_a_refused_message_brings_the_oldest_ones_back_in_their_order(small: World) -> None:
    do(small, lambda ctx: send(ctx, 1, 2, 3))
    before = trace(small)
    ctx = call(small)

    def fail(ctx: Ctx) -> None:
        send(ctx, 4, 5)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        small.perform(ctx, fail)
    assert trace(small) == before
    do(small, lambda ctx: send(ctx, 6))
    assert texts(small) == ["message 2", "message 3", "message 6"]
