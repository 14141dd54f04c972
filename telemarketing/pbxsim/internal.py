"""Scenes in which an operator calls a colleague."""

import asyncio

from telemarketing.pbxsim.channels import Channel
from telemarketing.pbxsim.live_call import LiveCall, call_from_extension
from telemarketing.pbxsim.pbx import Pbx
from telemarketing.pbxsim.recording_names import Kind
from telemarketing.pbxsim.script import Script


async def answered(pbx: Pbx, script: Script) -> None:
    """The colleague answers, they talk, the colleague hangs up."""
    call, phone = _dial(pbx, script)
    call.ring(phone)
    await asyncio.sleep(script.ring_s)
    call.answer(phone)
    await asyncio.sleep(script.talk_s)
    await call.hang_up(by=phone)


async def no_answer(pbx: Pbx, script: Script) -> None:
    """The colleague's phone rings until the PBX gives up."""
    call, phone = _dial(pbx, script)
    call.ring(phone)
    await asyncio.sleep(script.ring_s)
    call.time_out()


def _dial(pbx: Pbx, script: Script) -> tuple[LiveCall, Channel]:
    who, whom = script.extensions
    call = call_from_extension(pbx, who, whom, Kind.INTERNAL)
    return call, call.dial_extension(whom)
