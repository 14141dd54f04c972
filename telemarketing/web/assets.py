"""The panel's static files: style, scripts, icons; in memory, compressed, at hashed addresses.

In: `static/`. Out: addresses that change with the contents, and responses that browsers keep for
ever. The vendor folder is made by the build; without it nothing starts.
"""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

from telemarketing.errors import TelemarketingError

STATIC = Path(__file__).parent / "static"
NEEDED = ("vendor/htmx.esm.min.js", "vendor/icons.svg")

_FOR_EVER = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    content_type: str
    plain: bytes
    zipped: bytes


class Assets:
    """All static files, read once; 100 kB of memory."""

    def __init__(self, folder: Path = STATIC) -> None:
        """See the class.

        Raises:
            TelemarketingError: the build has not brought the front-end files.
        """
        check_assets(folder)
        self._assets = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.suffix in _TYPES
        }
        self._assets["css/panel.css"] = self._all_styles()
        whole = hashlib.sha256()
        for name, asset in self._assets.items():
            whole.update(name.encode() + asset.plain)
        self.version = whole.hexdigest()[:12]
        self.modules = sorted(name for name in self._assets if name.startswith("js/"))

    def _all_styles(self) -> Asset:
        """One request for all of css/, in the order of the names."""
        styles = [asset.plain for name, asset in self._assets.items() if name.startswith("css/")]
        return _asset("text/css", b"\n".join(styles))

    def url(self, name: str) -> str:
        """Return the address of a file of `static/`; KeyError when there is none."""
        if name not in self._assets:
            raise KeyError(f"no static file {name}")
        return f"/static/{self.version}/{name}"

    def first_load_bytes(self) -> int:
        """What a browser that comes for the first time loads beside the page, compressed."""
        names = ["css/panel.css", *NEEDED, *self.modules]
        return sum(len(self._assets[name].zipped) for name in names)

    async def serve(self, request: web.Request) -> web.Response:
        """Answer GET /static/{version}/{name}; who asks for an older version gets the new."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        current = request.match_info["version"] == self.version
        zipped = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
        headers = {
            hdrs.CACHE_CONTROL: _FOR_EVER if current else "no-cache",
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
            hdrs.X_CONTENT_TYPE_OPTIONS: "nosniff",
        }
        if zipped:
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        body = asset.zipped if zipped else asset.plain
        return web.Response(
            body=body, headers=headers, content_type=asset.content_type, charset="utf-8"
        )


def check_assets(folder: Path = STATIC) -> None:
    """See that the build has brought the front-end files.

    Raises:
        TelemarketingError: it has not; the text says what to do.
    """
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise TelemarketingError(
            f"The panel's front-end files are missing ({', '.join(missing)} in {folder}): install a"
            " built package, or run `make setup` in the checkout."
        )


def _read(path: Path) -> Asset:
    return _asset(_TYPES[path.suffix], path.read_bytes())


def _asset(content_type: str, plain: bytes) -> Asset:
    return Asset(content_type, plain, gzip.compress(plain, mtime=0))
