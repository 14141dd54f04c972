"""Scenes in which an operator calls a client."""

import asyncio

from telemarketing.pbxsim.channels import Channel
from telemarketing.pbxsim.live_call import BUSY, NO_ANSWER, LiveCall, call_from_extension
from telemarketing.pbxsim.pbx import Pbx
from telemarketing.pbxsim.recording_names import Kind
from telemarketing.pbxsim.script import Script

_UNALLOCATED = 1
_REJECTED = 21


async def answered(pbx: Pbx, script: Script) -> None:
    """The client answers, they talk, the operator hangs up."""
    call, client = _dial(pbx, script)
    await _ring(call, client, script)
    call.answer(client)
    await asyncio.sleep(script.talk_s)
    await call.hang_up(by=call.caller)


async def client_hangs_up(pbx: Pbx, script: Script) -> None:
    """The client answers, they talk, the client hangs up."""
    call, client = _dial(pbx, script)
    await _ring(call, client, script)
    call.answer(client)
    await asyncio.sleep(script.talk_s)
    await call.hang_up(by=client)


async def no_answer(pbx: Pbx, script: Script) -> None:
    """It rings until the PBX gives up."""
    call, client = _dial(pbx, script)
    await _ring(call, client, script)
    call.time_out()


async def provider_gives_up(pbx: Pbx, script: Script) -> None:
    """It rings until the provider gives up: 480."""
    call, client = _dial(pbx, script)
    await _ring(call, client, script)
    call.refuse(client, NO_ANSWER)


async def busy(pbx: Pbx, script: Script) -> None:
    """The client's line is busy: 486 at once."""
    call, client = _dial(pbx, script)
    call.refuse(client, BUSY)


async def rejected(pbx: Pbx, script: Script) -> None:
    """The client declines while it rings: 603."""
    call, client = _dial(pbx, script)
    await _ring(call, client, script)
    call.refuse(client, _REJECTED)


async def cancelled(pbx: Pbx, script: Script) -> None:
    """The operator hangs up while it rings."""
    call, client = _dial(pbx, script)
    await _ring(call, client, script)
    call.give_up()


async def failed(pbx: Pbx, script: Script) -> None:
    """The provider knows no such number: 404."""
    call, client = _dial(pbx, script)
    call.refuse(client, _UNALLOCATED)


def _dial(pbx: Pbx, script: Script) -> tuple[LiveCall, Channel]:
    call = call_from_extension(pbx, script.extensions[0], script.number, Kind.OUTBOUND)
    return call, call.dial_client(script.number)


async def _ring(call: LiveCall, client: Channel, script: Script) -> None:
    call.ring(client)
    await asyncio.sleep(script.ring_s)
