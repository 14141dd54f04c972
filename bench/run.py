"""`make bench`: measure, print the tables, and write docs/benchmarks.md when all parts were run."""

import argparse
import sys
from collections.abc import Callable

from bench.intake import intake
from bench.latency import latency
from bench.panel_first_load import first_load
from bench.panel_live import live
from bench.panel_pages import pages
from bench.panel_streams import streams
from bench.report import ROOT, Section, document
from bench.scale import scale
from bench.startup import startup

_REPORT = ROOT / "docs" / "benchmarks.md"
_PANEL = ("panel-live", "panel-pages", "panel-first-load", "panel-streams")
_PARTS = ("intake", "latency", "startup", "scale", *_PANEL)
_SIZES = (10_000, 100_000, 1_000_000)


def main() -> None:
    """Run what the arguments name; everything without arguments."""
    options = _options(sys.argv[1:])
    measure: dict[str, Callable[[], list[Section]]] = {
        "intake": lambda: intake(options.rounds),
        "latency": lambda: latency(options.calls_per_s, options.seconds),
        "startup": lambda: startup(options.leads),
        "scale": scale,
        "panel-live": lambda: live(500, options.calls_per_s, options.seconds),
        "panel-pages": lambda: pages(_sizes_to(options.panel_leads), 1.5 * options.seconds),
        "panel-first-load": first_load,
        "panel-streams": lambda: streams(2000, 10.0, options.seconds / 3),
    }
    sections: list[Section] = []
    for part in options.parts:
        print(f"measuring {part} ...", file=sys.stderr, flush=True)
        sections += measure[part]()
    text = document(sections, " ".join(["python -m bench.run", *sys.argv[1:]]))
    print(text)
    if set(options.parts) == set(_PARTS):
        _REPORT.write_text(text)
        for section in sections:
            for name, picture in section.pictures.items():
                _REPORT.with_name(name).write_text(picture)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="part", help=f"of {', '.join(_PARTS)}, or panel for its four"
    )
    parser.add_argument("--rounds", type=int, default=5, help="of intake")
    parser.add_argument(
        "--calls-per-s", type=float, default=50.0, help="begin while calls are played"
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="that a load lasts")
    parser.add_argument("--leads", type=int, default=100_000, help="in the database at startup")
    parser.add_argument("--panel-leads", type=int, default=_SIZES[-1], help="at most, on its pages")
    options = parser.parse_args(arguments)
    named = [part for one in options.parts for part in (_PANEL if one == "panel" else [one])]
    options.parts = named or list(_PARTS)
    if unknown := set(options.parts) - set(_PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return options


def _sizes_to(most: int) -> list[int]:
    return [*(size for size in _SIZES if size < most), most]


if __name__ == "__main__":
    main()
