"""`make bench`: measure, print the tables, and write docs/benchmarks.md when all parts were run."""

import argparse
import sys
from collections.abc import Callable

from bench.intake import intake
from bench.latency import latency
from bench.report import ROOT, Section, document
from bench.scale import scale
from bench.startup import startup

_REPORT = ROOT / "docs" / "benchmarks.md"
_PARTS = ("intake", "latency", "startup", "scale")


def main() -> None:
    """Run what the arguments name; everything without arguments."""
    options = _options(sys.argv[1:])
    measure: dict[str, Callable[[], list[Section]]] = {
        "intake": lambda: intake(options.rounds),
        "latency": lambda: latency(options.calls_per_s, options.seconds),
        "startup": lambda: startup(options.leads),
        "scale": scale,
    }
    sections: list[Section] = []
    for part in options.parts or _PARTS:
        print(f"measuring {part} ...", file=sys.stderr, flush=True)
        sections += measure[part]()
    text = document(sections, " ".join(["python -m bench.run", *sys.argv[1:]]))
    print(text)
    if set(options.parts or _PARTS) == set(_PARTS):
        _REPORT.write_text(text)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(_PARTS)}")
    parser.add_argument("--rounds", type=int, default=5, help="of intake")
    parser.add_argument("--calls-per-s", type=float, default=50.0, help="begin while latency runs")
    parser.add_argument("--seconds", type=float, default=60.0, help="that latency lasts")
    parser.add_argument("--leads", type=int, default=100_000, help="in the database at startup")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(_PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    main()
