"""Where a call's sound file lies: `2026/11/22/out-0501000001-101-20261122-030028-1795316428.0.wav`.

In: what the dialplan knows as a call begins. Out: a path below the folder of recordings, in the
form that FreePBX gave the world. Touches no disk.
"""

from datetime import datetime, tzinfo
from enum import StrEnum
from pathlib import PurePosixPath


class Kind(StrEnum):
    """The first word of a file's name."""

    OUTBOUND = "out"
    INBOUND = "in"
    INTERNAL = "internal"


def recording_path(
    kind: Kind, *, called: str, caller: str, began_at: int, zone: tzinfo, uniqueid: str
) -> PurePosixPath:
    """Name the file of a call.

    Args:
        kind: which way the call goes.
        called: what was dialled.
        caller: who called.
        began_at: creation of the call's first channel, epoch milliseconds.
        zone: of the PBX; in it folder and name tell the time.
        uniqueid: of the call's first channel.
    """
    began = datetime.fromtimestamp(began_at / 1000, zone)
    name = f"{kind}-{called}-{caller}-{began:%Y%m%d-%H%M%S}-{uniqueid}.wav"
    return PurePosixPath(f"{began:%Y/%m/%d}") / name
