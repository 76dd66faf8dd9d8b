"""Every setting is documented, has an effect, and can be set from three places."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic.fields import FieldInfo

import simulator
from simulator import Behaviour, ServerSettings, cli
from simulator.settings_page import (
    flag,
    in_file,
    other,
    settings,
    settings_page,
    variable,
    written,
)

ROOT = Path(__file__).parent.parent
SOURCE = Path(simulator.__file__).parent

Start = Callable[..., ServerSettings]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Start:
    """`start(flags, environment, file)`: the settings that `serve` would run with."""
    served: list[ServerSettings] = []

    async def serve(found: ServerSettings) -> None:
        served.append(found)

    monkeypatch.setattr(cli, "_serve", serve)
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("BILLSIM_"):
            monkeypatch.delenv(name)

    def run(
        flags: Sequence[str] = (), environment: Mapping[str, str] | None = None, file: str = ""
    ) -> ServerSettings:
        for name, value in (environment or {}).items():
            monkeypatch.setenv(name, value)
        if file:
            (tmp_path / "bill-simulator.yaml").write_text(file)
        cli.main(["serve", *flags])
        return served.pop()

    return run


def read(found: ServerSettings, path: Sequence[str]) -> Any:
    for name in path:
        found = getattr(found, name)
    return found


def unlike_default(field: FieldInfo) -> object:
    value = other(field)
    if value != field.default:
        return value
    return field.default + 1 if isinstance(field.default, int | float) else "0.0.0.0"


EVERY_SETTING = pytest.mark.parametrize(
    ("path", "field"),
    [pytest.param(path, field, id=".".join(path)) for path, field in settings().items()],
)


@EVERY_SETTING
def test_a_setting_is_taken_from_its_flag(
    path: tuple[str, ...], field: FieldInfo, start: Start
) -> None:
    value = unlike_default(field)
    assert read(start([flag(path), written(value)]), path) == value


@EVERY_SETTING
def test_a_setting_is_taken_from_its_environment_variable(
    path: tuple[str, ...], field: FieldInfo, start: Start
) -> None:
    value = unlike_default(field)
    assert read(start(environment={variable(path): written(value)}), path) == value


@EVERY_SETTING
def test_a_setting_is_taken_from_the_file(
    path: tuple[str, ...], field: FieldInfo, start: Start
) -> None:
    value = unlike_default(field)
    assert read(start(file=in_file(path, value)), path) == value


PORT, CUTOFF = ("port",), ("behaviour", "process_cutoff_hour")


@pytest.mark.parametrize("path", [PORT, CUTOFF])
@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (("flag", "environment", "file"), 1),
        (("flag", "file"), 1),
        (("environment", "file"), 2),
        (("file",), 3),
    ],
)
def test_flags_win_over_the_environment_and_that_over_the_file(
    path: tuple[str, ...], places: tuple[str, ...], expected: int, start: Start
) -> None:
    found = start(
        flags=[flag(path), "1"] if "flag" in places else [],
        environment={variable(path): "2"} if "environment" in places else {},
        file=in_file(path, 3) if "file" in places else "",
    )
    assert read(found, path) == expected


def test_one_place_does_not_hide_what_another_says_of_the_behaviour(start: Start) -> None:
    found = start(
        flags=["--behaviour.voids", "next_bank_day"],
        environment={"BILLSIM_BEHAVIOUR__MFA": "bypassed"},
        file="seed: 5\nbehaviour:\n  checks: uncashed\n",
    )
    assert found.behaviour == Behaviour(voids="next_bank_day", mfa="bypassed", checks="uncashed")
    assert found.seed == 5


def test_without_anything_set_the_defaults_hold(start: Start) -> None:
    assert start().model_dump() == ServerSettings().model_dump()


@pytest.mark.parametrize(
    ("flags", "environment", "file", "message"),
    [
        (["--port", "x"], {}, "", "serve.port: Input should be a valid integer"),
        (["--behaviour.mfa", "x"], {}, "", "serve.behaviour.mfa: Input should be 'required' or"),
        ([], {"BILLSIM_PORT": "70000"}, "", "serve.port: Input should be less than or equal"),
        ([], {"BILLSIM_BEHAVIOUR__MAF": "x"}, "", "serve.behaviour.maf: Extra inputs"),
        ([], {}, "behavior: {}", "serve.behavior: Extra inputs are not permitted"),
        ([], {}, "port: [", "while parsing a flow node"),
    ],
    ids=["flag", "nested flag", "variable", "unknown variable", "unknown key", "no YAML"],
)
def test_a_wrong_setting_ends_the_start_with_a_message(
    flags: list[str],
    environment: dict[str, str],
    file: str,
    message: str,
    start: Start,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as end:
        start(flags, environment, file)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith(f"bill-simulator: {message}")


def test_the_page_of_the_settings_is_current() -> None:
    current = (ROOT / "docs" / "settings.md").read_text("utf-8") == settings_page()
    assert current, "docs/settings.md is not what the code declares: run `make docs`"


def test_the_page_tells_every_setting_and_a_file_of_all_defaults() -> None:
    page = settings_page()
    for path, field in settings().items():
        assert f"\n### {'.'.join(path)}\n\n{field.description}\n" in page
    example = page.split("```yaml\n")[1].split("```")[0]
    assert ServerSettings(**yaml.safe_load(example)) == ServerSettings()


@pytest.mark.parametrize("name", list(Behaviour.model_fields))
def test_a_setting_of_the_behaviour_is_read_by_the_simulator(name: str) -> None:
    readers = [
        path.name
        for path in SOURCE.rglob("*.py")
        if path.name != "settings.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == name
        if isinstance(node.value, ast.Attribute) and node.value.attr == "behaviour"
    ]
    assert readers, f"nothing reads behaviour.{name}"


@pytest.mark.parametrize("path", list(settings()), ids=".".join)
def test_a_setting_describes_itself(path: tuple[str, ...]) -> None:
    assert settings()[path].description
