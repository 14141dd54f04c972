"""Whose an extension is at the moment of a call.

In: ownerships, as they are stored. Out: operators' ids. Pure; an extension that changes hands does
not take its history along.
"""

from collections import defaultdict
from collections.abc import Iterable

from telemarketing.storage.operators import ExtensionOwner


class ExtensionOwners:
    """Answers whose an extension was.

    Args:
        owners: all ownerships of all extensions that will be asked for.
    """

    def __init__(self, owners: Iterable[ExtensionOwner]) -> None:
        """See the class."""
        self._owners: defaultdict[str, list[ExtensionOwner]] = defaultdict(list)
        for owner in owners:
            self._owners[owner.extension].append(owner)

    def find(self, pbx: str, extension: str | None, at: int) -> int | None:
        """Return the id of the operator whose it was, None = nobody's.

        Args:
            pbx: name of the PBX of the call.
            extension: None = nobody is asked for, and nobody is the answer.
            at: epoch milliseconds of the call's start.
        """
        if extension is None:
            return None
        for owner in self._owners.get(extension, ()):
            if owner.pbx in {None, pbx} and _holds(owner, at):
                return owner.operator_id
        return None


def _holds(owner: ExtensionOwner, at: int) -> bool:
    return owner.valid_from <= at and (owner.valid_until is None or at < owner.valid_until)
