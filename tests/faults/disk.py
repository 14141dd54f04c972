"""Filling a disk to the last byte."""

import subprocess
from pathlib import Path


def fill(disk: Path) -> Path:
    """Leave no byte free; removing the returned file makes space again."""
    ballast = disk / "ballast"
    filling = ["dd", "if=/dev/zero", f"of={ballast}", "bs=1k"]
    assert subprocess.run(filling, check=False, capture_output=True).returncode != 0
    return ballast
