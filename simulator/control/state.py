"""A whole world as JSON, and the file of all worlds. /_sim/worlds/{w}/state, /_sim/state"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator
from typing import Any

from aiohttp import web

from simulator.control.calls import WORLDS, answer
from simulator.control.problems import Problem
from simulator.core.export import UnreadableError, image
from simulator.core.rows import iso
from simulator.core.world import World
from simulator.documents import exporter, importer
from simulator.state_file import StateError, StateFile, giving_way, uncollected

STATE_FILE: web.AppKey[StateFile] = web.AppKey("state_file", StateFile)
# The most bytes of a document that are read.
LARGEST_STATE: web.AppKey[int] = web.AppKey("largest_state", int)

MEGABYTE = 1024 * 1024
# What is written to a client at once.
_PIECE = 256 * 1024


async def state_hash(world: World) -> str:
    """The hash of a world's state; other calls go on while it is worked out."""
    taken = image(world)
    return await asyncio.to_thread(exporter().digest, taken)


async def get_state(request: web.Request, world: World) -> web.StreamResponse:
    """Give out the whole of a world."""
    world.catch_up()
    pieces = _joined(giving_way(exporter().write(image(world))))
    response = web.StreamResponse()
    response.content_type = "application/json"
    try:
        await response.prepare(request)
        while piece := await asyncio.to_thread(next, pieces, b""):
            await response.write(piece)
        await response.write_eof()
    except ConnectionError:
        # The client has gone; nobody is left to be told.
        pieces.close()
    return response


def _joined(pieces: Iterator[bytes]) -> Generator[bytes]:
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _PIECE:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


async def put_state(request: web.Request, world: World) -> web.Response:
    """Replace the whole of a world by a document of it, or of any other."""
    document = await _document(request)
    worlds = request.app[WORLDS]
    try:
        # Reading holds the interpreter; in a thread it would only take longer.
        with uncollected():
            taken = importer(worlds.clock_wall).read(document)
        worlds.take(world, taken)
    except UnreadableError as fault:
        raise Problem(400, str(fault)) from None
    world.catch_up()
    return answer({"world": world.name, "hash": await state_hash(world)})


async def _document(request: web.Request) -> bytes:
    most = request.app[LARGEST_STATE]
    problem = Problem(413, f"The body is larger than {most} bytes, which is what is read at most.")
    if (request.content_length or 0) > most:
        raise problem
    pieces: list[bytes] = []
    size = 0
    try:
        async for piece in request.content.iter_any():
            size += len(piece)
            if size > most:
                raise problem
            pieces.append(piece)
    except web.RequestPayloadError:
        raise Problem(400, "body: it cannot be decoded.") from None
    return b"".join(pieces)


def _file(request: web.Request) -> StateFile:
    file = request.app.get(STATE_FILE)
    if file is None:
        raise Problem(404, "The server keeps no state file; start it with --state.")
    return file


def _told(file: StateFile) -> dict[str, Any]:
    told: dict[str, Any] = {
        "file": str(file.path),
        "saved": file.saved,
        "asOf": file.as_of and iso(file.as_of),
        "savedAt": file.saved_at and iso(file.saved_at),
        "pending": file.pending,
    }
    return told if file.failure is None else {**told, "failure": file.failure}


async def get_file(request: web.Request) -> web.Response:
    """Tell how far the state file is."""
    return answer(_told(_file(request)))


async def save_file(request: web.Request) -> web.Response:
    """Save the state file now; answers when it is on the disk."""
    file = _file(request)
    try:
        await file.save()
    except StateError as failure:
        raise Problem(500, f"{failure}.") from None
    return answer(_told(file))
