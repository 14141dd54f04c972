"""What was measured, as a table for people and as docs/benchmarks.md.

In: sections of figures. Out: Markdown. It measures nothing.
"""

import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table; each text as it is to be read."""

    what: str
    measured: str
    target: str = ""
    """Empty = nothing is promised; the figure helps to read another."""
    met: bool | None = None
    beside: str = ""
    """The ratio to a floor or peer of the same run."""


@dataclass(frozen=True, slots=True)
class Section:
    """The figures of one part, and how they came about."""

    title: str
    how: str
    figures: list[Figure]
    pictures: Mapping[str, str] = field(default_factory=dict)
    """SVG files to be kept beside the document: name -> text."""

    def __str__(self) -> str:
        head = "| figure | measured | target | met | beside |\n|---|---|---|---|---|"
        verdict = {None: "", True: "yes", False: "**no**"}
        rows = [
            f"| {one.what} | {one.measured} | {one.target} | {verdict[one.met]} | {one.beside} |"
            for one in self.figures
        ]
        return "\n".join([f"## {self.title}", "", self.how, "", head, *rows, ""])


def document(sections: list[Section], command: str) -> str:
    """Put the sections behind a head that tells machine, date, commit and command."""
    head = f"""# Benchmarks

Written by `make bench`. A figure alone says more about the machine than about the program: read the
ratio to the floor or peer, which was measured in the same run, in turns.

- machine: {_cpu_model()}, {cpu_count()} cores, Linux {platform.release()}
- Python {platform.python_version()}, SQLAlchemy {version("sqlalchemy")}, \
panoramisk {version("panoramisk")}
- date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC
- commit: {_commit()}
- command: `{command}`
"""
    return "\n".join([head, *map(str, sections)])


def at_least(value: float, target: float) -> tuple[str, bool]:
    """Give a target that a figure must reach, and whether it does."""
    return f">= {target:,g}", value >= target


def below(value: float, target: float, unit: str) -> tuple[str, bool]:
    """Give a target that a figure must stay under, and whether it does."""
    return f"< {target:,g} {unit}", value < target


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def _commit() -> str:
    def git(*arguments: str) -> str:
        ran = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
        return ran.stdout.decode().strip()

    changed = git("status", "--porcelain", "--", "telemarketing", "bench")
    return (git("rev-parse", "--short", "HEAD") or "none") + (" with changes" if changed else "")
