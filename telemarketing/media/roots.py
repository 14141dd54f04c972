"""The folders in which sound files may be opened.

In: the settings' folders. Out: them, resolved. Paths that a PBX names are data: whether a file lies
inside is decided in `media`, nowhere else.
"""

from collections.abc import Sequence
from pathlib import Path


class Roots:
    """Folders below which sound files lie.

    Args:
        folders: absolute; one that is not there yet may come later.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        """See the class."""
        self.folders = tuple(folders)
