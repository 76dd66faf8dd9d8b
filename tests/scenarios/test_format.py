"""Scenario files: what is refused, and where the refusal says that it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from simulator.scenarios.format import parse
from simulator.scenarios.places import ScenarioError, Source
from simulator.scenarios.reading import LARGEST, read
from simulator.scenarios.schema import schema_page
from simulator.scenarios.shipped import from_file, names, shipped
from tests.readme import ROOT
from tests.scenarios.stories import SMALL, small


def faults(text: str, tmp_path: Path) -> list[str]:
    """What is wrong with a scenario file, without the file's name."""
    file = tmp_path / "story.yaml"
    file.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        from_file(file)
    return [line.removeprefix(f"{file}:") for line in str(caught.value).splitlines()]


CASES = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["new"].strip()[:40] for case in CASES])
def test_a_fault_names_line_column_field_and_rule(tmp_path: Path, case: dict[str, Any]) -> None:
    assert case["old"] in SMALL
    found = faults(SMALL.replace(case["old"], case["new"], 1), tmp_path)
    if "told" in case:
        assert found == case["told"]
    else:
        [told] = found
        assert re.match(r"\d+:\d+: [\w.\[\]]+: ", told)


def test_what_bill_refuses_is_told_with_the_line_of_the_record(tmp_path: Path) -> None:
    twice = SMALL.replace("accountType: BUSINESS", "accountType: BUSINESS\n      archived: true")
    paid = twice.replace(
        "timeline:",
        "  history:\n"
        "    - at: 2026-06-10T16:00:00Z\n"
        "      simulate: {event: payment.settled, record: rent}\n"
        "timeline:",
    )
    [told] = faults(paid, tmp_path)
    assert told.startswith("26:7: world.history[0]: ")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[" * 3000, "nested too deeply"),
        ("a: " * 1 + "{a: " * 60 + "1" + "}" * 60, "nested deeper than 40"),
        ("# " + "x" * LARGEST, f"larger than {LARGEST} bytes"),
        ("- 1\n", "Input should be a valid dictionary or instance of Scenario"),
        ("", "Input should be a valid dictionary or instance of Scenario"),
        ("a: 1\n---\nb: 2\n", "but found another document"),
    ],
    ids=["brackets", "braces", "long", "list", "empty", "two documents"],
)
def test_what_is_no_scenario_at_all_is_told_in_a_line(tmp_path: Path, text: str, rule: str) -> None:
    [told] = faults(text, tmp_path)
    assert rule in told


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("074000010", "074000010"),
        ("12", 12),
        ("-1.50", -1.5),
        ("1e3", 1000.0),
        ("0x10", "0x10"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("2026-06-10", "2026-06-10"),
        ("NO", "NO"),
        ("on", "on"),
        ("true", True),
        ("~", None),
        ("", None),
        (".inf", ".inf"),
        ('"12"', "12"),
    ],
)
def test_scalars_are_those_of_the_core_schema(written: str, read_as: Any) -> None:
    found = read(f"value: {written}").data["value"]
    assert (found, type(found)) == (read_as, type(read_as))


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"1:8: value: '1+' is no int"):
        read("value: " + "1" * 5000)


def test_without_lines_faults_name_the_field_alone() -> None:
    data = small()
    del data["task"]
    data["world"]["bills"]["rent"]["vendor"] = "nobody"
    with pytest.raises(ScenarioError) as caught:
        parse(Source(data))
    assert str(caught.value) == "task: Field required"


@pytest.mark.parametrize("name", names())
def test_a_scenario_written_as_json_is_the_same_again(name: str) -> None:
    scenario = shipped(name)
    written = scenario.model_dump(mode="json", by_alias=True)
    assert parse(Source(json.loads(json.dumps(written)))) == scenario


@pytest.fixture(scope="module")
def validator() -> Any:
    return jsonschema_rs.validator_for(json.loads(schema_page()))


@pytest.mark.parametrize("name", names())
def test_the_schema_takes_every_shipped_scenario(validator: Any, name: str) -> None:
    text = (ROOT / "scenarios" / f"{name}.yaml").read_text("utf-8")
    assert [str(fault) for fault in validator.iter_errors(read(text).data)] == []


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("task"),
        lambda data: data["world"].update(vendor={}),
        lambda data: data["world"]["bills"]["rent"].update(vendr="orchard"),
        lambda data: data["world"]["bills"]["rent"].pop("vendor"),
        lambda data: data["world"]["vendors"]["orchard"]["address"].update(country=["US"]),
        lambda data: data["world"]["behaviour"].update(mfa="never"),
        lambda data: data["timeline"][0].update(what=1),
        lambda data: data["expect"]["records"][0].update(records="rent"),
    ],
)
def test_the_schema_refuses_what_is_wrong(
    validator: Any, change: Callable[[dict[str, Any]], Any]
) -> None:
    data = small()
    assert validator.is_valid(data)
    change(data)
    assert not validator.is_valid(data)


def test_the_schema_in_the_repository_is_the_one_of_the_code() -> None:
    kept = (ROOT / "scenarios" / "schema.json").read_text("utf-8")
    assert kept == schema_page(), "write it anew: make docs"
