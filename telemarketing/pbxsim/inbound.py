"""Scenes in which a client calls one operator's own number."""

import asyncio

from telemarketing.pbxsim.channels import Channel
from telemarketing.pbxsim.live_call import BUSY, LiveCall, call_from_outside
from telemarketing.pbxsim.pbx import Pbx
from telemarketing.pbxsim.script import Script


async def answered(pbx: Pbx, script: Script) -> None:
    """The operator answers, they talk, the operator hangs up."""
    call, phone = _arrive(pbx, script)
    await _ring(call, phone, script)
    call.answer(phone)
    await asyncio.sleep(script.talk_s)
    await call.hang_up(by=phone)


async def client_hangs_up(pbx: Pbx, script: Script) -> None:
    """The operator answers, they talk, the client hangs up."""
    call, phone = _arrive(pbx, script)
    await _ring(call, phone, script)
    call.answer(phone)
    await asyncio.sleep(script.talk_s)
    await call.hang_up(by=call.caller)


async def missed(pbx: Pbx, script: Script) -> None:
    """The client gives up while the phone rings."""
    call, phone = _arrive(pbx, script)
    await _ring(call, phone, script)
    call.give_up()


async def no_answer(pbx: Pbx, script: Script) -> None:
    """The phone rings until the PBX gives up."""
    call, phone = _arrive(pbx, script)
    await _ring(call, phone, script)
    call.time_out()


async def busy(pbx: Pbx, script: Script) -> None:
    """The operator is on the phone with somebody else: 486 at once."""
    call, phone = _arrive(pbx, script)
    call.refuse(phone, BUSY)


def _arrive(pbx: Pbx, script: Script) -> tuple[LiveCall, Channel]:
    (extension,) = script.extensions
    call = call_from_outside(pbx, script.number, pbx.office.direct_number(extension))
    return call, call.dial_extension(extension)


async def _ring(call: LiveCall, phone: Channel, script: Script) -> None:
    call.ring(phone)
    await asyncio.sleep(script.ring_s)
