"""What no browser sends: refused before anything looks at it.

In: a request as it arrived. Out: whether address and headers can be read; a form that has been
read, or a refusal. It knows no people and no pages.
"""

from aiohttp import hdrs, web

FORM = "application/x-www-form-urlencoded"
"""The only kind that our pages send; another way to say the same would be another way to attack."""


def is_well_formed(request: web.Request) -> bool:
    """Tell whether the address has a host, and a number as its port, and all headers are text."""
    try:
        readable = bool(request.url.host)
        for value in request.headers.values():
            value.encode()
    except ValueError:
        return False
    return readable


async def read_form(request: web.Request) -> None:
    """Read the form that came with a request; whoever asks for it later gets it from memory.

    Raises:
        web.HTTPUnsupportedMediaType: it is of another kind, packed, or not in UTF-8.
        web.HTTPBadRequest: it says that it is UTF-8, and is not.
    """
    if not request.body_exists and not request.content_type.startswith("multipart/"):
        return
    is_utf_8 = (request.charset or "utf-8").lower() == "utf-8"
    if request.content_type != FORM or not is_utf_8 or hdrs.CONTENT_ENCODING in request.headers:
        raise web.HTTPUnsupportedMediaType
    try:
        await request.post()
    except UnicodeDecodeError:
        raise web.HTTPBadRequest from None
