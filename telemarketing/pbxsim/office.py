"""The office behind the simulated PBX: its telephones, its own numbers, and who lives outside.

In: nothing. Out: plain values that every other file here reads. The outside numbers have the shape
of Ukrainian mobiles and begin with 100 behind the operator's code.
"""

from dataclasses import dataclass
from datetime import UTC, tzinfo

WITHHELD = "anonymous"
"""What stands in place of the number of a caller who hides it."""

_MOBILE_CODES = ("050", "063", "066", "067", "068", "073", "093", "095", "096", "097", "098", "099")
_PER_CODE = 10_000
CLIENT_COUNT = len(_MOBILE_CODES) * _PER_CODE
"""How many different people live outside."""
FIRST_OF_HISTORY = CLIENT_COUNT // 2
"""Those below it have never called before the simulated PBX begins to live."""


@dataclass(frozen=True, slots=True)
class Office:
    """One PBX and the telephones on it."""

    extensions: tuple[str, ...] = ("101", "102", "103", "104")
    trunk: str = "provider"
    """Endpoint behind which the outside world is."""
    main_number: str = "380443002100"
    """Rings a group of telephones."""
    shown_number: str = "380443000000"
    """What those see whom we call."""
    zone: tzinfo = UTC
    """Of the machine of the PBX: in it the files of recordings are named, and the CDRs written."""

    def direct_number(self, extension: str) -> str:
        """Give the outside number that rings one telephone."""
        return f"38044301{extension:0>4}"


def client_number(index: int) -> str:
    """Give the number of a person outside, as it is dialled here: `0501000007`."""
    code, within = divmod(index % CLIENT_COUNT, _PER_CODE)
    return f"{_MOBILE_CODES[code]}100{within:04}"


def as_the_trunk_says(number: str) -> str:
    """Give a national number as the provider writes it: `380501000007`."""
    return number if number == WITHHELD else f"38{number}"
