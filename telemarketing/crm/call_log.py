"""The log of all calls: what becomes known of them is stored, and their leads with it.

In: snapshots of calls, as call tracking makes them. Out: what changed about leads and about what is
to be done for them, told only after it is committed. Everything of one batch goes into one
transaction, or nothing of it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from telemarketing.crm.call_merge import merge, vanished
from telemarketing.crm.extensions import ExtensionOwners, extensions_to_ask_for
from telemarketing.crm.leads import attach
from telemarketing.crm.proposals import EndedCall, ProposalRules, has_just_ended, propose
from telemarketing.model.call import Call, CallKey
from telemarketing.model.changes import CallConsequence
from telemarketing.storage import call_snapshots, lead_owners, operators, refused_calls
from telemarketing.storage.call_snapshots import CallToStore, KnownCall
from telemarketing.storage.engine import Database, Transaction, Turn, take_turns


class CallLog:
    """Keeps the calls of all PBXs.

    Args:
        database: where they are kept; other daemons may write to it at the same time.
        rules: what the service proposes after a call; None = nothing, calls are only kept.
    """

    def __init__(self, database: Database, rules: ProposalRules | None = None) -> None:
        """See the class."""
        self._database = database
        self._rules = rules

    async def record(self, calls: Sequence[Call]) -> list[CallConsequence]:
        """Store snapshots, make and settle leads, in one transaction.

        Recording a snapshot again changes nothing, and of several snapshots of one call the earlier
        ones may be left out. About fifteen statements, however many calls.

        Args:
            calls: at most a few hundred; of one key, the later one counts.

        Returns:
            What changed about leads, and about what is to be done for them.

        Raises:
            StorageUnavailable: the database cannot take it now; nothing is stored, try again.
            StorageError: it refuses a value of one of the calls; nothing is stored.
        """
        seen = _last_of_each(calls)
        if not seen:
            return []
        async with self._database.writing() as tx:
            await take_turns(tx, Turn.CALLS)
            known = await call_snapshots.list_known(tx, seen)
            merged = [_merged(call, known) for call in seen.values()]
            return await _store(tx, merged, known, self._rules)

    async def close_vanished(
        self, pbx: str, live_linkedids: Collection[str], at: int
    ) -> list[CallConsequence]:
        """End the stored calls of a PBX that no longer live, their end being an estimate.

        Args:
            pbx: name of the PBX, of which a complete list of calls was just taken.
            live_linkedids: the calls in that list.
            at: epoch milliseconds of the list; calls that began later are left alone.

        Returns:
            What changed about leads, and about what is to be done for them.

        Raises:
            StorageUnavailable: the database cannot take it now; nothing is stored, try again.
        """
        async with self._database.writing() as tx:
            await take_turns(tx, Turn.CALLS)
            known = await call_snapshots.list_known_live(tx, pbx)
            gone = [
                vanished(stored.call, at)
                for stored in known.values()
                if stored.call.linkedid not in live_linkedids and stored.call.started_at <= at
            ]
            return await _store(tx, gone, known, self._rules)

    async def set_aside(self, call: Call, reason: str) -> None:
        """Keep a call that `record` refuses for good, for a person to look at.

        Args:
            call: its last snapshot; a later one of the same call replaces it.
            reason: what the database said.

        Raises:
            StorageUnavailable: the database cannot take it now; nothing is stored, try again.
        """
        async with self._database.writing() as tx:
            await refused_calls.add_refused_call(tx, call, reason)


def _last_of_each(calls: Iterable[Call]) -> dict[CallKey, Call]:
    last: dict[CallKey, Call] = {}
    for call in calls:
        last[call.key] = merge(last[call.key], call) if call.key in last else call
    return last


def _merged(call: Call, known: Mapping[CallKey, KnownCall]) -> Call:
    stored = known.get(call.key)
    return call if stored is None else merge(stored.call, call)


async def _store(
    tx: Transaction,
    calls: Sequence[Call],
    known: Mapping[CallKey, KnownCall],
    rules: ProposalRules | None,
) -> list[CallConsequence]:
    changed = [call for call in calls if call.key not in known or known[call.key].call != call]
    if not changed:
        return []
    extensions = extensions_to_ask_for(changed, known)
    owners = ExtensionOwners(await operators.list_extension_owners(tx, extensions), known)
    attached = await attach(tx, changed, known, owners)
    to_store = [
        CallToStore(
            call,
            attached.lead_ids.get(call.key),
            tuple(owners.find(call, operator.extension) for operator in call.operators),
            known[call.key].call if call.key in known else None,
        )
        for call in changed
    ]
    ids = await call_snapshots.add_or_update(tx, to_store)
    await lead_owners.add_participants(tx, _new_participants(to_store, known))
    if rules is None:
        return list(attached.facts)
    just_ended = _just_ended(to_store, ids, owners)
    return [*attached.facts, *await propose(tx, just_ended, rules)]


def _just_ended(
    stored: Iterable[CallToStore], ids: Mapping[CallKey, int], owners: ExtensionOwners
) -> list[EndedCall]:
    """The calls of leads whose end these snapshots are the first to tell."""
    return [
        EndedCall(
            ids[one.call.key],
            one.lead_id,
            one.call,
            one.call.ended_at,
            owners.find(one.call, one.call.placed_by),
        )
        for one in stored
        if one.lead_id is not None
        and one.call.ended_at is not None
        and has_just_ended(one.call, one.before)
    ]


def _new_participants(
    stored: Sequence[CallToStore], known: Mapping[CallKey, KnownCall]
) -> set[tuple[int, int]]:
    """Pairs of lead and operator that the stored calls do not tell yet."""
    pairs: set[tuple[int, int]] = set()
    for one in stored:
        if one.lead_id is None:
            continue
        before = known.get(one.call.key)
        same_lead = before is not None and before.lead is not None and before.lead.id == one.lead_id
        told = set(before.operators.values()) if before is not None and same_lead else set()
        pairs |= {
            (one.lead_id, operator_id)
            for operator_id in one.operator_ids
            if operator_id is not None and operator_id not in told
        }
    return pairs
