"""What keeps a connection safe: encryption or nothing, and what browsers are told to refuse.

In: a request as it arrived, perhaps through a proxy. Out: whether it came safely and from where;
the headers of every response. It knows no people.
"""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from aiohttp import web

from telemarketing.web.policy import CONTENT_SECURITY_POLICY

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

TRUSTED_PROXIES: web.AppKey[Sequence[Network]] = web.AppKey("trusted_proxies")
"""Whose X-Forwarded-For and X-Forwarded-Proto are believed."""

_PROXY_HEADERS = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HEADERS_OF_PAGES = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    # A stricter policy would take the Origin from our own forms as well.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_PARTS_OF_PAGES = frozenset({"text/css", "text/javascript"})
"""They do what the page may that loads them; forty policies are a fifth of a first load."""
_HSTS = "max-age=31536000"


def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Tell the browser what this response may do."""
    is_part = response.content_type in _PARTS_OF_PAGES
    wanted = _HEADERS if is_part else _HEADERS | _HEADERS_OF_PAGES
    for name, value in wanted.items():
        response.headers.setdefault(name, value)
    if is_encrypted(request):
        response.headers.setdefault("Strict-Transport-Security", _HSTS)


def is_encrypted(request: web.Request) -> bool:
    """Tell whether the browser spoke HTTPS: with us, or with a proxy that we believe."""
    if _through_trusted_proxy(request):
        return _hops(request, "X-Forwarded-Proto")[-1].lower() == "https"
    return request.secure


def is_safe(request: web.Request) -> bool:
    """Tell whether what is said cannot be overheard: encrypted, or from this machine to itself.

    On this machine the name in the address has to be its own as well: a page elsewhere may give a
    name of its own the address 127.0.0.1, and would then read ours.
    """
    if is_encrypted(request):
        return True
    peer = _peer(request)
    if peer is None or not peer.is_loopback or _speaks_for_others(request):
        return False
    return _is_own_name(request.url.host or "")


def client_address(request: web.Request) -> str:
    """Tell from which address somebody comes, behind all proxies that we believe."""
    hops = _hops(request, "X-Forwarded-For") if _through_trusted_proxy(request) else []
    client = _peer(request)
    for hop in reversed(hops):
        address = _read(hop)
        if address is None:
            break
        client = address
        if not _is_trusted(request, address):
            break
    return str(client)


def _hops(request: web.Request, name: str) -> list[str]:
    """What each proxy said, the nearest last: some add to the header, some add another one."""
    return [hop.strip() for hop in ",".join(request.headers.getall(name, [""])).split(",")]


def _through_trusted_proxy(request: web.Request) -> bool:
    peer = _peer(request)
    return peer is not None and _speaks_for_others(request) and _is_trusted(request, peer)


def _speaks_for_others(request: web.Request) -> bool:
    return any(name in request.headers for name in _PROXY_HEADERS)


def _is_trusted(request: web.Request, address: Address) -> bool:
    return any(address in network for network in request.app[TRUSTED_PROXIES])


def _peer(request: web.Request) -> Address | None:
    return _read(request.remote or "")


@lru_cache(maxsize=4096)
def _read(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _is_own_name(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _read(host.strip("[]"))
    return address is not None and address.is_loopback
