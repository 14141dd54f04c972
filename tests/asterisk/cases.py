"""The plain cases of telephony: each is placed on a real Asterisk and tells what truly happened.

In: a department. Out: the truth, from the SIP endpoints' own times and from what was meant. Nothing
here looks at Asterisk's events.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

from tests.asterisk.office import Client, Department, Office
from tests.asterisk.phone import (
    Answer,
    EarlyMedia,
    Phone,
    ReceivedCall,
    Refuse,
    Script,
)
from tests.asterisk.truth import Intent, Truth, truth_of

RING_S = 0.5
TALK_S = 0.7


@dataclass(frozen=True, slots=True)
class Case:
    """One way in which a call can go."""

    name: str
    """Kind and name, `outbound/answered`: also its place below tests/scenarios."""
    what: str
    """One sentence on what is done, for the first line of the recording."""
    steps: Callable[[Department], Awaitable[Intent]]


CASES: dict[str, Case] = {}
"""Every case by its name."""


async def place(case: Case, department: Department, version: int) -> Truth:
    """Let a case happen and return the truth when all its phones are on hook again (1-4 s)."""
    department.begin()
    intent = await case.steps(department)
    await department.settled()
    return truth_of(case.name, version, case.what, intent, department.participations())


async def place_all(cases: Iterable[Case], office: Office, version: int) -> list[Truth]:
    """Let cases happen, one after another in each department and in all departments at once."""
    waiting = list(cases)
    truths: list[Truth] = []

    async def work_through(department: Department) -> None:
        while waiting:
            truths.append(await place(waiting.pop(), department, version))

    async with asyncio.TaskGroup() as group:
        for department in office.departments:
            group.create_task(work_through(department))
    return truths


Steps = Callable[[Department], Awaitable[Intent]]


def _case(name: str, what: str) -> Callable[[Steps], Steps]:
    def enter(steps: Steps) -> Steps:
        CASES[name] = Case(name, what, steps)
        return steps

    return enter


# ---- outbound ----


async def _dial(
    department: Department,
    script: Script,
    disposition: str,
    dialled: Callable[[Client], str] = lambda client: client.national,
) -> Intent:
    """Operator 1 calls a client whose script ends the call."""
    client = department.client(script)
    call = department.operator(1).call(dialled(client))
    await call.ended()
    return Intent("outbound", disposition, client.number)


@_case("outbound/answered", "An operator calls a client, they talk, the operator hangs up.")
async def _outbound_answered(department: Department) -> Intent:
    return await _dial_and_hang_up(department, Answer(RING_S), TALK_S)


@_case("outbound/client_hangs_up", "An operator calls a client, they talk, the client hangs up.")
async def _outbound_client_hangs_up(department: Department) -> Intent:
    return await _dial(department, Answer(RING_S, TALK_S), "answered")


@_case("outbound/short_talk", "The client answers and hangs up after a tenth of a second.")
async def _outbound_short_talk(department: Department) -> Intent:
    return await _dial(department, Answer(RING_S, 0.1), "answered")


@_case("outbound/busy", "The client is busy: 486 at once.")
async def _outbound_busy(department: Department) -> Intent:
    return await _dial(department, Refuse(486), "busy")


@_case("outbound/rejected", "The client's phone rings and the client declines: 603.")
async def _outbound_rejected(department: Department) -> Intent:
    return await _dial(department, Refuse(603, RING_S), "busy")


@_case("outbound/no_answer", "The client's phone rings until the PBX gives up.")
async def _outbound_no_answer(department: Department) -> Intent:
    client = department.client()
    call = department.operator(1).call(client.national)
    await call.ended()
    return Intent("outbound", "no_answer", client.number)


@_case("outbound/provider_gives_up", "The client's phone rings until the provider gives up: 480.")
async def _outbound_provider_gives_up(department: Department) -> Intent:
    return await _dial(department, Refuse(480, 0.9), "no_answer")


@_case("outbound/unallocated", "The provider knows no such number: 404.")
async def _outbound_unallocated(department: Department) -> Intent:
    return await _dial(department, Refuse(404), "failed")


@_case("outbound/congestion", "The provider has no free line: 503.")
async def _outbound_congestion(department: Department) -> Intent:
    return await _dial(department, Refuse(503), "failed")


@_case("outbound/cancelled", "The operator hangs up while the client's phone rings.")
async def _outbound_cancelled(department: Department) -> Intent:
    client = department.client()
    call = department.operator(1).call(client.national)
    await call.rings()
    await asyncio.sleep(RING_S)
    call.hang_up()
    return Intent("outbound", "cancelled", client.number)


@_case("outbound/cancelled_early", "The operator hangs up before anything rings.")
async def _outbound_cancelled_early(department: Department) -> Intent:
    client = department.client(_silent)
    call = department.operator(1).call(client.national)
    await asyncio.sleep(RING_S)
    call.hang_up()
    return Intent("outbound", "cancelled", client.number)


@_case("outbound/early_media", "The provider sends 183 and no 180, then the client answers.")
async def _outbound_early_media(department: Department) -> Intent:
    return await _dial_and_hang_up(department, EarlyMedia(RING_S), TALK_S)


@_case("outbound/no_ringing", "The client answers without any ringing before it.")
async def _outbound_no_ringing(department: Department) -> Intent:
    return await _dial_and_hang_up(department, Answer(RING_S, rings=False), TALK_S)


@_case("outbound/prefix_9", "The operator dials 9 for an outside line before the number.")
async def _outbound_prefix_9(department: Department) -> Intent:
    return await _dial(
        department, Answer(RING_S, TALK_S), "answered", lambda client: "9" + client.national
    )


@_case("outbound/plus_form", "The operator dials the number in E.164, with its +.")
async def _outbound_plus_form(department: Department) -> Intent:
    return await _dial(department, Answer(RING_S, TALK_S), "answered", lambda client: client.number)


@_case("outbound/double_zero_form", "The operator dials the number with 00 and the country code.")
async def _outbound_double_zero_form(department: Department) -> Intent:
    return await _dial(
        department, Answer(RING_S, TALK_S), "answered", lambda client: "00" + client.number[1:]
    )


@_case("outbound/invalid_number", "The operator dials too few digits: the PBX refuses.")
async def _outbound_invalid_number(department: Department) -> Intent:
    call = department.operator(1).call("0441234")
    await call.ended()
    return Intent("outbound", "failed", raw_number="0441234")


@_case("outbound/barred_number", "The operator dials a number that the PBX does not allow.")
async def _outbound_barred_number(department: Department) -> Intent:
    call = department.operator(1).call("0900301234")
    await call.ended()
    return Intent("outbound", "failed", "+380900301234")


async def _silent(_call: ReceivedCall) -> None:
    """Take the call and say nothing more than 100 Trying."""


async def _dial_and_hang_up(department: Department, script: Script, talk_s: float) -> Intent:
    client = department.client(script)
    call = department.operator(1).call(client.national)
    await call.answered()
    await asyncio.sleep(talk_s)
    call.hang_up()
    return Intent("outbound", "answered", client.number)


# ---- inbound, to one operator ----


async def _ring(
    department: Department, did: str, disposition: str, *, shown_as: str | None = None
) -> Intent:
    """A client calls; the called phones' scripts, or the PBX, end the call."""
    client = department.client()
    call = client.call(did, shown_as=shown_as)
    await call.ended()
    number = None if shown_as == _WITHHELD else client.number
    return Intent("inbound", disposition, number, did)


async def _ring_and_hang_up(
    department: Department, did: str, operators: list[Phone], *, shown_as: str | None = None
) -> Intent:
    """A client calls, somebody answers, and the client hangs up."""
    client = department.client()
    call = client.call(did, shown_as=shown_as)
    answered = [asyncio.create_task(_answered_by(phone)) for phone in operators]
    await asyncio.wait(answered, return_when=asyncio.FIRST_COMPLETED)
    for waiter in answered:
        waiter.cancel()
    await asyncio.sleep(TALK_S)
    call.hang_up()
    return Intent("inbound", "answered", client.number, did)


async def _answered_by(phone: Phone) -> None:
    await (await phone.incoming()).answered()


async def _ring_and_give_up(department: Department, did: str, operator: Phone) -> Intent:
    """A client calls and hangs up while an operator's phone rings."""
    client = department.client()
    call = client.call(did)
    await (await operator.incoming()).rings()
    await asyncio.sleep(RING_S)
    call.hang_up()
    return Intent("inbound", "cancelled", client.number, did)


_WITHHELD = '"Anonymous" <sip:anonymous@anonymous.invalid>'


@_case("inbound/answered", "A client calls, the operator answers, the operator hangs up.")
async def _inbound_answered(department: Department) -> Intent:
    department.operator(1).script = Answer(RING_S, TALK_S)
    return await _ring(department, department.direct_did(1), "answered")


@_case("inbound/client_hangs_up", "A client calls, the operator answers, the client hangs up.")
async def _inbound_client_hangs_up(department: Department) -> Intent:
    operator = department.operator(1)
    operator.script = Answer(RING_S)
    return await _ring_and_hang_up(department, department.direct_did(1), [operator])


@_case("inbound/rejected", "A client calls and the operator rejects: 486 after ringing.")
async def _inbound_rejected(department: Department) -> Intent:
    department.operator(1).script = Refuse(486, RING_S)
    return await _ring(department, department.direct_did(1), "busy")


@_case("inbound/declined", "A client calls and the operator declines: 603 after ringing.")
async def _inbound_declined(department: Department) -> Intent:
    department.operator(1).script = Refuse(603, RING_S)
    return await _ring(department, department.direct_did(1), "busy")


@_case("inbound/phone_out_of_order", "A client calls and the operator's phone refuses with 503.")
async def _inbound_phone_out_of_order(department: Department) -> Intent:
    department.operator(1).script = Refuse(503)
    return await _ring(department, department.direct_did(1), "failed")


@_case("inbound/missed", "A client calls and gives up while the operator's phone rings.")
async def _inbound_missed(department: Department) -> Intent:
    return await _ring_and_give_up(department, department.direct_did(1), department.operator(1))


@_case("inbound/no_answer", "A client calls and nobody answers until the PBX gives up.")
async def _inbound_no_answer(department: Department) -> Intent:
    return await _ring(department, department.direct_did(1), "no_answer")


@_case("inbound/phone_unregistered", "A client calls an extension whose phone never registered.")
async def _inbound_phone_unregistered(department: Department) -> Intent:
    return await _ring(department, department.direct_did(5), "failed")


@_case("inbound/phone_switched_off", "A client calls an extension whose phone has no power.")
async def _inbound_phone_switched_off(department: Department) -> Intent:
    intent = await _ring(department, department.direct_did(6), "no_answer")
    return replace(intent, unreachable=department.extension(6))


@_case("inbound/unknown_did", "A client calls a number of ours that leads nowhere.")
async def _inbound_unknown_did(department: Department) -> Intent:
    return await _ring(department, department.shared_did("nobody"), "failed")


@_case("inbound/withheld_answered", "A client with a withheld number calls and is answered.")
async def _inbound_withheld_answered(department: Department) -> Intent:
    department.operator(1).script = Answer(RING_S, TALK_S)
    return await _ring(department, department.direct_did(1), "answered", shown_as=_WITHHELD)


@_case("inbound/withheld_missed", "A client with a withheld number calls and nobody answers.")
async def _inbound_withheld_missed(department: Department) -> Intent:
    return await _ring(department, department.direct_did(1), "no_answer", shown_as=_WITHHELD)


@_case("inbound/cyrillic_name", "A client whose name comes in Cyrillic calls and is answered.")
async def _inbound_cyrillic_name(department: Department) -> Intent:
    department.operator(1).script = Answer(RING_S, TALK_S)
    client = department.client()
    did = department.direct_did(1)
    shown_as = f'"Оксана Мельник" <sip:{client.number}@provider.invalid>'
    await client.call(did, shown_as=shown_as).ended()
    return Intent("inbound", "answered", client.number, did)


# ---- ring group ----


@_case("group/answered", "A client calls a ring group, the second operator answers.")
async def _group_answered(department: Department) -> Intent:
    department.operator(2).script = Answer(RING_S, TALK_S)
    return await _ring(department, department.shared_did("group"), "answered")


@_case("group/no_answer", "A client calls a ring group and nobody answers until the PBX gives up.")
async def _group_no_answer(department: Department) -> Intent:
    return await _ring(department, department.shared_did("group"), "no_answer")


@_case("group/missed", "A client calls a ring group and gives up while the phones ring.")
async def _group_missed(department: Department) -> Intent:
    did = department.shared_did("group")
    return await _ring_and_give_up(department, did, department.operator(3))


@_case("group/all_busy", "A client calls a ring group and every phone is busy.")
async def _group_all_busy(department: Department) -> Intent:
    for number in (1, 2, 3):
        department.operator(number).script = Refuse(486)
    return await _ring(department, department.shared_did("group"), "busy")


@_case("group/local_answered", "A ring group through Local channels that go away; one answers.")
async def _group_local_answered(department: Department) -> Intent:
    department.operator(2).script = Answer(RING_S, TALK_S)
    return await _ring(department, department.shared_did("local"), "answered")


@_case("group/local_n_answered", "A ring group through Local channels that stay; one answers.")
async def _group_local_n_answered(department: Department) -> Intent:
    department.operator(1).script = Answer(RING_S)
    did = department.shared_did("local_n")
    return await _ring_and_hang_up(department, did, [department.operator(1)])


@_case("group/local_no_answer", "A ring group through Local channels, and nobody answers.")
async def _group_local_no_answer(department: Department) -> Intent:
    return await _ring(department, department.shared_did("local_n"), "no_answer")


@_case("group/local_missed", "A client gives up while a group rings through Local channels.")
async def _group_local_missed(department: Department) -> Intent:
    did = department.shared_did("local")
    return await _ring_and_give_up(department, did, department.operator(1))


# ---- queues ----


@_case("queue/ringall_answered", "A client waits in a queue that rings everybody; one answers.")
async def _queue_ringall_answered(department: Department) -> Intent:
    department.operator(2).script = Answer(RING_S)
    return await _ring_and_hang_up(
        department, department.shared_did("ringall"), [department.operator(2)]
    )


@_case("queue/linear_second_answers", "The first of a queue does not answer, the second does.")
async def _queue_linear_second_answers(department: Department) -> Intent:
    department.operator(2).script = Answer(RING_S, TALK_S)
    return await _ring(department, department.shared_did("linear"), "answered")


@_case("queue/rejected_then_another", "The first of a queue rejects, the second answers.")
async def _queue_rejected_then_another(department: Department) -> Intent:
    department.operator(1).script = Refuse(486, 0.3)
    department.operator(2).script = Answer(RING_S, TALK_S)
    return await _ring(department, department.shared_did("linear"), "answered")


@_case("queue/abandoned", "A client leaves the queue while the operators' phones ring.")
async def _queue_abandoned(department: Department) -> Intent:
    did = department.shared_did("ringall")
    return await _ring_and_give_up(department, did, department.operator(1))


@_case("queue/timed_out", "Nobody in the queue answers until the PBX gives up.")
async def _queue_timed_out(department: Department) -> Intent:
    return await _ring(department, department.shared_did("ringall"), "no_answer")


@_case("queue/freepbx_answered", "A queue with members as FreePBX makes them; one answers.")
async def _queue_freepbx_answered(department: Department) -> Intent:
    department.operator(1).script = Answer(RING_S, TALK_S)
    return await _ring(department, department.shared_did("freepbx"), "answered")


@_case("queue/freepbx_abandoned", "A client leaves a queue with members as FreePBX makes them.")
async def _queue_freepbx_abandoned(department: Department) -> Intent:
    did = department.shared_did("freepbx")
    return await _ring_and_give_up(department, did, department.operator(1))


# ---- IVR ----


@_case("ivr/abandoned", "A client hangs up while the IVR plays; no phone has rung.")
async def _ivr_abandoned(department: Department) -> Intent:
    client = department.client()
    did = department.shared_did("ivr")
    call = client.call(did)
    await call.answered()
    await asyncio.sleep(RING_S)
    call.hang_up()
    return Intent("inbound", "cancelled", client.number, did)


@_case("ivr/queue_answered", "A client presses nothing in the IVR, and an operator answers.")
async def _ivr_queue_answered(department: Department) -> Intent:
    department.operator(3).script = Answer(RING_S, TALK_S)
    return await _ring(department, department.shared_did("ivr"), "answered")


# ---- internal ----


async def _call_colleague(department: Department, script: Script, disposition: str) -> Intent:
    department.operator(2).script = script
    await department.operator(1).call(department.extension(2)).ended()
    return Intent("internal", disposition)


@_case("internal/answered", "An operator calls a colleague, they talk, the colleague hangs up.")
async def _internal_answered(department: Department) -> Intent:
    return await _call_colleague(department, Answer(RING_S, TALK_S), "answered")


@_case("internal/busy", "An operator calls a colleague whose phone is busy.")
async def _internal_busy(department: Department) -> Intent:
    return await _call_colleague(department, Refuse(486), "busy")


@_case("internal/no_answer", "An operator calls a colleague, who does not answer.")
async def _internal_no_answer(department: Department) -> Intent:
    await department.operator(1).call(department.extension(2)).ended()
    return Intent("internal", "no_answer")


@_case("internal/cancelled", "An operator calls a colleague and gives up.")
async def _internal_cancelled(department: Department) -> Intent:
    call = department.operator(1).call(department.extension(2))
    await call.rings()
    await asyncio.sleep(RING_S)
    call.hang_up()
    return Intent("internal", "cancelled")
