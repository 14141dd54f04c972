"""What systemd gives the daemon."""

import configparser
from pathlib import Path

UNIT = Path(__file__).parents[2] / "systemd" / "telemarketing.service"


def test_there_are_files_enough_for_two_thousand_open_panels() -> None:
    """Each holds a connection; what is left is for PBXs, the database and recordings."""
    unit = configparser.RawConfigParser(strict=False)
    unit.read(UNIT)

    assert unit.getint("Service", "LimitNOFILE") >= 4096
