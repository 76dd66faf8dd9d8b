"""The steps of the Dockerfile, taken one by one without a container engine.

No image is built here: a virtual environment stands for the Python of the base
image, directories for the stages. What only an engine can tell is not tested:
the base image itself, the user, the published port.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.request import urlopen

import pytest

from simulator import Simulator
from tests.readme import ROOT
from tests.servers import start

Instruction = tuple[str, str]


def read_stages() -> list[list[Instruction]]:
    """The instructions of each stage, FROM first."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    stages: list[list[Instruction]] = []
    for line in lines:
        name, _, rest = line.partition(" ")
        if name == "FROM":
            stages.append([])
        stages[-1].append((name, rest.strip()))
    return stages


STAGES = read_stages()
BUILD, FINAL = STAGES


def the(stage: list[Instruction], name: str) -> str:
    [found] = [rest for instruction, rest in stage if instruction == name]
    return found


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in shlex.split(the(FINAL, "ENV")))


def command(name: str) -> list[str]:
    """The arguments of an instruction in exec form: ENTRYPOINT, CMD, HEALTHCHECK."""
    return list(json.loads(re.findall(r"\[.*\]", the(FINAL, name))[0]))


def is_ignored(path: PurePath) -> bool:
    """Whether .dockerignore keeps a path of the checkout away from the build."""
    for line in (ROOT / ".dockerignore").read_text("utf-8").split():
        name = line.removeprefix("**/")
        assert not set("*?!/") & set(name), f"this test does not know the pattern {line}"
        if name in (path.parts if line.startswith("**/") else path.parts[:1]):
            return True
    return False


def copy_from_checkout(sources: list[str], target: Path) -> None:
    for source in sources:
        found = ROOT / source
        files = [path for path in found.rglob("*") if path.is_file()] if found.is_dir() else [found]
        for file in files:
            if is_ignored(file.relative_to(ROOT)):
                continue
            # A directory's content is copied, a file keeps its name.
            place = target / (file.relative_to(found) if found.is_dir() else source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)


def run(*arguments: str | Path, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(argument) for argument in arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=100,
    )


@dataclass(frozen=True)
class Image:
    """What stands for the image: its /usr/local, an empty directory, its environment."""

    local: Path
    directory: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments,
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=30,
        )


@pytest.fixture
def image(tmp_path: Path) -> Image:
    root = tmp_path
    local, install, build = root / "local", root / "install", root / "build"
    build.mkdir()

    assert run(sys.executable, "-m", "venv", local, directory=root).returncode == 0
    for name, rest in BUILD:
        words = shlex.split(rest)
        if name == "COPY":
            copy_from_checkout(words[:-1], build / words[-1])
        elif name == "RUN":
            assert words[:2] == ["pip", "install"]
            assert "--prefix=/install" in words
            words = [word.replace("/install", str(install)) for word in words[1:]]
            ended = run(local / "bin" / "pip", *words, directory=build)
            if "NewConnectionError" in ended.stdout + ended.stderr:
                pytest.skip("the Dockerfile installs from a package index, and none is reachable")
            assert ended.returncode == 0, ended.stderr

    # The second stage starts from a Python at the same place, without anything installed.
    shutil.rmtree(local)
    assert run(sys.executable, "-m", "venv", "--without-pip", local, directory=root).returncode == 0
    assert the(FINAL, "COPY") == "--from=build /install /usr/local"
    shutil.copytree(install, local, dirs_exist_ok=True)

    empty = root / "empty"
    empty.mkdir()
    # Only the tests' own server may listen, and only on a free port of the loopback address.
    here = {"BILLSIM_HOST": "127.0.0.1", "BILLSIM_PORT": "0", "PATH": str(local / "bin")}
    return Image(local, empty, {**environment(), **here})


def healthcheck(url: str) -> list[str]:
    return [word.replace("http://127.0.0.1:8080", url) for word in command("HEALTHCHECK")]


# One test, for the steps take long and parallel runs share nothing.
@pytest.mark.timeout(240)
def test_the_steps_install_a_server_that_is_healthy_and_ends_on_sigterm(image: Image) -> None:
    found = image.run("python", "-c", "import simulator; print(simulator.__file__)")
    assert Path(found.stdout.strip()).is_relative_to(image.local), found.stderr

    installed = sorted(image.local.rglob("*"))
    main = [*command("ENTRYPOINT"), *command("CMD")]
    served = start(main, image.directory, image.environment)
    try:
        healthy = image.run(*healthcheck(served.url))
        called = image.run("bill-simulator", "call", "GET", "/v3/bills", "--url", served.url)
        with urlopen(f"{served.url}/_sim/assets/swagger-ui-bundle.js", timeout=10) as response:
            script = response.read()
    finally:
        seconds, told = served.stop()
    assert (healthy.returncode, healthy.stdout, healthy.stderr) == (0, "", "")
    assert json.loads(called.stdout)["results"]
    assert len(script) > 1_000_000
    assert (served.process.returncode, told) == (0, "")
    assert seconds < 2

    unhealthy = image.run(*healthcheck(served.url))
    assert (unhealthy.returncode, unhealthy.stdout) == (1, "")
    assert unhealthy.stderr.endswith("is not ready after 2 s\n")
    # Nothing is written: the file system of a container may be read-only.
    assert list(image.directory.iterdir()) == []
    assert sorted(image.local.rglob("*")) == installed


def test_the_image_listens_on_the_port_that_it_exposes_and_checks() -> None:
    assert environment()["BILLSIM_HOST"] == "0.0.0.0"
    assert environment()["BILLSIM_PORT"] == the(FINAL, "EXPOSE")
    assert f"http://127.0.0.1:{the(FINAL, 'EXPOSE')}" in command("HEALTHCHECK")


def test_the_image_asks_for_a_token_and_holds_none() -> None:
    assert "BILLSIM_TOKEN" not in environment()
    host = environment()["BILLSIM_HOST"]
    tokens = {Simulator(host=host).token for _ in range(2)}
    assert len(tokens) == 2
    assert "" not in tokens


def test_both_stages_start_from_the_oldest_python_that_the_project_takes() -> None:
    [oldest] = re.findall(
        r'^requires-python = ">=(.*)"$', (ROOT / "pyproject.toml").read_text(), re.M
    )
    assert [the(stage, "FROM").split()[0] for stage in STAGES] == [f"python:{oldest}-slim"] * 2


def test_the_image_does_not_run_as_root() -> None:
    assert the(FINAL, "USER") in the(FINAL, "RUN").split()
