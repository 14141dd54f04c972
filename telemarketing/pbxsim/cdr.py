"""The Cdr events of a call, as cdr_manager writes them with the mappings of a FreePBX.

In: a call that is over and each attempt to reach somebody. Out: one event for each attempt, in
whole seconds of the PBX's own zone: no human truth, just what a real one says.
"""

from dataclasses import dataclass
from datetime import datetime

from telemarketing.pbxsim.channels import UNKNOWN, Channel
from telemarketing.pbxsim.pbx import Pbx

_DISPOSITIONS = {"ANSWER": "ANSWERED", "BUSY": "BUSY"}


@dataclass(slots=True)
class Attempt:
    """One channel that was called."""

    called: Channel
    began_at: int
    status: str = ""
    """DialStatus of its DialEnd; empty until then."""
    answered_at: int | None = None
    ended_at: int = 0

    @property
    def lasted_ms(self) -> int:
        """Length of the talk; 0 = there was none."""
        return 0 if self.answered_at is None else self.ended_at - self.answered_at


def tell_cdr(pbx: Pbx, caller: Channel, dialled: str, attempt: Attempt, file_name: str) -> None:
    """Send the record of one attempt; `file_name` is the recording's, without its folder."""
    name = "" if caller.caller_name == UNKNOWN else caller.caller_name
    from_outside = caller.endpoint == pbx.office.trunk
    pbx.tell(
        "Cdr",
        "AccountCode: \r\n"
        f"Source: {caller.caller_number}\r\n"
        f"Destination: {dialled}\r\n"
        f"DestinationContext: {caller.context}\r\n"
        f'CallerID: "{name}" <{caller.caller_number}>\r\n'
        f"Channel: {caller.name}\r\n"
        f"DestinationChannel: {attempt.called.name}\r\n"
        f"LastApplication: {caller.application}\r\n"
        f"LastData: {caller.application_arguments}\r\n"
        f"StartTime: {_local(pbx, caller.created_at)}\r\n"
        f"AnswerTime: {_local(pbx, attempt.answered_at)}\r\n"
        f"EndTime: {_local(pbx, attempt.ended_at)}\r\n"
        f"Duration: {(attempt.ended_at - caller.created_at) // 1000}\r\n"
        f"BillableSeconds: {attempt.lasted_ms // 1000}\r\n"
        f"Disposition: {_DISPOSITIONS.get(attempt.status, 'NO ANSWER')}\r\n"
        "AMAFlags: DOCUMENTATION\r\n"
        f"UniqueID: {caller.uniqueid}\r\n"
        "UserField: \r\n"
        f"LinkedID: {caller.linkedid}\r\n"
        f"RecordingFile: {file_name}\r\n"
        f"DID: {dialled if from_outside else ''}\r\n"
        f"Sequence: {pbx.next_cdr_sequence()}\r\n",
        "cdr,all",
    )


def _local(pbx: Pbx, at: int | None) -> str:
    if at is None:
        return ""
    return f"{datetime.fromtimestamp(at / 1000, pbx.office.zone):%Y-%m-%d %H:%M:%S}"
