"""The number within the argument of Dial, which every channel technology writes its own way."""

from telemarketing import phones


def number_in(dial_string: str) -> str | None:
    """Take the called number out of a DialString.

    Known forms: `0441234567@provider`, `provider/0441234567`, `provider/sip:0441234567@host`,
    `g0/0441234567`, `0441234567`.

    Returns:
        The number as written; None when there is none, as for a desk phone called by its name.
    """
    rest = dial_string.partition("sip:")[2] or dial_string
    user = rest.partition("@")[0].partition(";")[0]
    number = user.rpartition("/")[2]
    return number if phones.is_dialable(number) else None
