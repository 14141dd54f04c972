"""Scenes in which a client calls the office's main number and several telephones ring at once."""

import asyncio

from telemarketing.pbxsim.channels import Channel
from telemarketing.pbxsim.live_call import LiveCall, call_from_outside
from telemarketing.pbxsim.pbx import Pbx
from telemarketing.pbxsim.script import Script


async def answered(pbx: Pbx, script: Script) -> None:
    """The last of the group answers, they talk, the operator hangs up."""
    call, phones = _arrive(pbx, script)
    await _ring(call, phones, script)
    call.answer(phones[-1])
    await asyncio.sleep(script.talk_s)
    await call.hang_up(by=phones[-1])


async def missed(pbx: Pbx, script: Script) -> None:
    """The client gives up while all of them ring."""
    call, phones = _arrive(pbx, script)
    await _ring(call, phones, script)
    call.give_up()


async def no_answer(pbx: Pbx, script: Script) -> None:
    """They ring until the PBX gives up."""
    call, phones = _arrive(pbx, script)
    await _ring(call, phones, script)
    call.time_out()


def _arrive(pbx: Pbx, script: Script) -> tuple[LiveCall, list[Channel]]:
    call = call_from_outside(pbx, script.number, pbx.office.main_number)
    return call, [call.dial_extension(extension) for extension in script.extensions]


async def _ring(call: LiveCall, phones: list[Channel], script: Script) -> None:
    for phone in phones:
        call.ring(phone)
    await asyncio.sleep(script.ring_s)
