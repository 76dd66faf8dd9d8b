"""BILL's ids and the other random-looking words of a world.

An id is 20 characters: a type prefix of three, the zone (02 is the sandbox),
ten random capitals and a lower-case base-36 tail that rises with every record
of its type (observed in ids of production and sandbox).

Everything here is a pure function of the seed and a counter, so the same calls
on the same seed give the same bytes.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import blake2b
from uuid import UUID

ZONE = "02"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
ALPHANUMERICS = "abcdefghijklmnopqrstuvwxyz0123456789"
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_PAIRS = [high + low for high in _BASE36 for low in _BASE36]
_TAIL_FLOOR = 36**4
_CAPITALS_LENGTH = 10
_UUID4 = re.compile(
    "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE
)
# What each byte of a digest stands for.
_CAPITAL_OF = "".join(CAPITALS[byte % 26] for byte in range(256)).encode()


def word(seed: int, purpose: str, number: int, length: int, alphabet: str) -> str:
    """`length` characters of `alphabet`, fixed by seed, purpose and number."""
    size = len(alphabet)
    letters: list[str] = []
    block = 0
    while len(letters) < length:
        digest = blake2b(f"{seed}|{purpose}|{number}|{block}".encode(), digest_size=64).digest()
        letters.extend(alphabet[byte % size] for byte in digest)
        block += 1
    return "".join(letters[:length])


def base36(number: int) -> str:
    """`number` in lower-case base 36."""
    tail = ""
    while number:
        number, pair = divmod(number, 36 * 36)
        tail = _PAIRS[pair] + tail
    return tail.lstrip("0") or "0"


def record_id(seed: int, prefix: str, number: int) -> str:
    """The id of the `number`-th record (from 0) of the type `prefix`."""
    digest = blake2b(f"{seed}|{prefix}|{number}".encode(), digest_size=_CAPITALS_LENGTH).digest()
    capitals = digest.translate(_CAPITAL_OF).decode()
    return f"{prefix}{ZONE}{capitals}{base36(_first_tail(seed, prefix) + number)}"


def uuid4(seed: int, purpose: str, number: int) -> str:
    """The `number`-th UUID of version 4 for a purpose."""
    digest = blake2b(f"{seed}|uuid of {purpose}|{number}".encode(), digest_size=16).digest()
    return str(UUID(bytes=digest, version=4))


def is_uuid4(text: str) -> bool:
    """Whether `text` is a UUID of version 4 in its usual form of 36 characters."""
    return _UUID4.fullmatch(text) is not None


@cache
def _first_tail(seed: int, prefix: str) -> int:
    digest = blake2b(f"{seed}|{prefix}|tail".encode(), digest_size=4).digest()
    # Half of the five-digit range is left to count up in.
    return _TAIL_FLOOR + int.from_bytes(digest, "big") % (17 * _TAIL_FLOOR)
