"""Texts as people and programs send them, made fit to be compared, stored and shown.

In: any text, also one that was made to do harm. Out: the same without what nobody sees. Pure, and
takes time by the length of the text alone.
"""

import unicodedata

_MARKS_IN_A_ROW = 30
"""More of them over one letter are no writing, and normalising takes their number squared."""
_JOINERS = "\u200c\u200d"
"""Unseen signs that belong to the spelling, as in an emoji of several people."""
_UNSEEN = {"Cc", "Cf", "Cs"}
"""Categories of Unicode: control, format (also what turns the direction of writing), halves of
signs, which no database takes."""


def limit_marks(text: str) -> str:
    """Leave out what stands over one letter beyond any writing."""
    kept = []
    count = 0
    for sign in text:
        count = count + 1 if unicodedata.combining(sign) else 0
        if count <= _MARKS_IN_A_ROW:
            kept.append(sign)
    return "".join(kept)


def clean(text: str) -> str:
    """Give a text in one spelling, with one kind of line end, and without signs nobody sees."""
    text = unicodedata.normalize("NFC", limit_marks(text))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(sign for sign in text if sign in "\n\t" or _is_kept(sign))
    return text if text.strip(_JOINERS + " \n\t") else ""


def _is_kept(sign: str) -> bool:
    return sign in _JOINERS or unicodedata.category(sign) not in _UNSEEN
