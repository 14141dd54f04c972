"""What a browser calls itself, as people know it: `Firefox, Linux`; pure.

In: the header User-Agent, which pretends to be many things. Out: two words, or its own first ones.
"""

_NAMES = (
    # In this order: each of them calls itself by the names below it as well.
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("YaBrowser", "Yandex"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_LONGEST = 40


def show_browser(user_agent: str) -> str:
    """Give browser and system; of what is neither, its own first words; `–` of nothing."""
    known = [
        next((shown for mark, shown in names if mark in user_agent), None)
        for names in (_NAMES, _SYSTEMS)
    ]
    return ", ".join(filter(None, known)) or user_agent[:_LONGEST] or "–"
