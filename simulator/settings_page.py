"""The page of all settings, read from their declarations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args, get_origin

import yaml
from pydantic.fields import FieldInfo

from simulator.settings import Behaviour, ServerSettings

_HEAD = """\
# Settings

Written by `make docs` from `simulator/settings.py`; not to be edited by hand.

A setting is taken from the first place that has it:

1. a flag of `bill-simulator serve`,
2. the environment,
3. `bill-simulator.yaml` in the directory the server is started from,
4. the default.

The settings of `behaviour` may come from different places, each by itself. A wrong value, an
unknown flag, an unknown key in the file and an unknown `BILLSIM_BEHAVIOUR__…` variable end the
start with a message; other unknown `BILLSIM_…` variables are ignored.

What `behaviour` says holds for every world of the server, but for what a world's own `behaviour`
says otherwise: `POST /_sim/worlds` with `{"behaviour": {"mfa": "bypassed"}}`.
"""

_FILE = """\
## The file

`bill-simulator.yaml` with every default; whatever is left out keeps its default.

```yaml
{defaults}```
"""


def settings_page() -> str:
    """The text of docs/settings.md."""
    defaults = yaml.safe_dump(ServerSettings().model_dump(), sort_keys=False)
    return "\n".join(
        (
            _HEAD,
            "## The server\n",
            *(_setting(path, field) for path, field in settings().items() if len(path) == 1),
            "## The behaviour\n",
            "What BILL leaves open, or does differently from one environment to another.\n",
            *(_setting(path, field) for path, field in settings().items() if len(path) == 2),
            _FILE.format(defaults=defaults),
        )
    )


def settings() -> dict[tuple[str, ...], FieldInfo]:
    """Every setting by its path: `("port",)`, `("behaviour", "mfa")`."""
    found: dict[tuple[str, ...], FieldInfo] = {
        (name,): field for name, field in ServerSettings.model_fields.items() if name != "behaviour"
    }
    found.update((("behaviour", name), field) for name, field in Behaviour.model_fields.items())
    return found


def flag(path: Sequence[str]) -> str:
    """The flag of a setting: `--behaviour.process-cutoff-hour`."""
    return "--" + ".".join(path).replace("_", "-")


def variable(path: Sequence[str]) -> str:
    """The environment variable of a setting: `BILLSIM_BEHAVIOUR__PROCESS_CUTOFF_HOUR`."""
    return "BILLSIM_" + "__".join(path).upper()


def in_file(path: Sequence[str], value: object) -> str:
    """A setting as it stands in the file: `behaviour: {mfa: bypassed}`."""
    nested: object = value
    for name in reversed(path):
        nested = {name: nested}
    text: str = yaml.safe_dump(nested, default_flow_style=True, width=200)
    return text.strip()[1:-1]


def written(value: object) -> str:
    """A value as it stands in a flag or variable."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def other(field: FieldInfo) -> object:
    """A value that a setting may have and that is not its default, where one is known."""
    choices: tuple[object, ...] = tuple(field.examples or ())
    if get_origin(field.annotation) is Literal:
        choices = get_args(field.annotation)
    elif field.annotation is bool:
        choices = (True, False)
    return next((choice for choice in choices if choice != field.default), field.default)


def _values(field: FieldInfo) -> str:
    kind = field.annotation
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(kind))
    if kind is bool:
        return "`true`, `false`"
    if kind is str:
        return "a text"
    if kind is int:
        least, most = _bound(field, "ge"), _bound(field, "le")
        from_least = "" if least is None else f" from {least}"
        return f"a whole number{from_least}" + ("" if most is None else f" to {most}")
    if kind is float:
        above, most = _bound(field, "gt"), _bound(field, "le")
        from_above = "" if above is None else f" above {above}"
        return f"a number{from_above}" + ("" if most is None else f", {most} at most")
    raise TypeError(f"the settings page cannot tell the values of {kind}")


def _bound(field: FieldInfo, name: str) -> int | None:
    return next((getattr(known, name) for known in field.metadata if hasattr(known, name)), None)


def _setting(path: Sequence[str], field: FieldInfo) -> str:
    example = other(field)
    default = "empty" if field.default == "" else f"`{written(field.default)}`"
    return (
        f"### {'.'.join(path)}\n\n{field.description}\n\n"
        f"- values: {_values(field)}; default {default}\n"
        f"- flag: `{flag(path)} {written(example)}`\n"
        f"- environment: `{variable(path)}={written(example)}`\n"
        f"- file: `{in_file(path, example)}`\n"
    )
