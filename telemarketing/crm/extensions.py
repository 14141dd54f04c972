"""Whose an extension is at the moment of a call.

In: ownerships, as they are stored. Out: operators' ids. Pure; an extension that changes hands does
not take its history along.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from telemarketing.model.call import Call, CallKey
from telemarketing.model.operator import ExtensionOwnership
from telemarketing.storage.call_snapshots import KnownCall
from telemarketing.storage.operators import ExtensionOwner


class ExtensionOwners:
    """Answers whose an extension was when a call began.

    Args:
        owners: all ownerships of the extensions that `known` does not tell.
        known: stored calls, with what was found out of their extensions; that stays.
    """

    def __init__(
        self, owners: Iterable[ExtensionOwner], known: Mapping[CallKey, KnownCall]
    ) -> None:
        """See the class."""
        self._known = known
        self._owners: defaultdict[str, list[ExtensionOwner]] = defaultdict(list)
        for owner in owners:
            self._owners[owner.ownership.extension].append(owner)

    def find(self, call: Call, extension: str | None) -> int | None:
        """Return the id of the operator whose it was, None = nobody's.

        Args:
            call: in which the extension took part.
            extension: None = nobody is asked for, and nobody is the answer.
        """
        if extension is None:
            return None
        stored = self._known.get(call.key)
        if stored is not None and extension in stored.operators:
            return stored.operators[extension]
        for owner in self._owners.get(extension, ()):
            if owns(owner.ownership, call.pbx, call.started_at):
                return owner.operator_id
        return None


def owns(ownership: ExtensionOwnership, pbx: str, at: int) -> bool:
    """Tell whether an ownership of an extension holds on a PBX at an instant."""
    if ownership.pbx not in {None, pbx} or at < ownership.valid_from:
        return False
    return ownership.valid_until is None or at < ownership.valid_until


def extensions_to_ask_for(calls: Iterable[Call], known: Mapping[CallKey, KnownCall]) -> set[str]:
    """Name the extensions in calls of which the stored calls do not tell whose they are."""
    wanted: set[str] = set()
    for call in calls:
        extensions = {operator.extension for operator in call.operators}
        extensions.update(filter(None, (call.placed_by, call.answered_by)))
        stored = known.get(call.key)
        wanted |= extensions if stored is None else extensions - stored.operators.keys()
    return wanted
