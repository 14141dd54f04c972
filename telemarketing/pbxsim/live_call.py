"""One call on the simulated PBX: what the dialplan does when people dial, ring, answer, hang up.

In: what the people of the call do, one method each. Out: the events in the order in which an
Asterisk 22 sends them, the recording before the last Hangup, a Cdr for each telephone that was
called. It never waits for people: that is the scenes' part.
"""

from pathlib import PurePosixPath

from telemarketing.pbxsim import noise
from telemarketing.pbxsim.cdr import Attempt, tell_cdr
from telemarketing.pbxsim.channels import Channel
from telemarketing.pbxsim.office import as_the_trunk_says
from telemarketing.pbxsim.pbx import Pbx
from telemarketing.pbxsim.recording_names import Kind, recording_path

NORMAL, BUSY, NO_ANSWER, ELSEWHERE, CONGESTION, CANCELLED = 16, 17, 19, 26, 34, 127
"""Q.850 causes."""


class LiveCall:
    """A call with one caller and everybody who is called; made by the functions below."""

    def __init__(self, pbx: Pbx, caller: Channel, kind: Kind) -> None:
        self.caller = caller
        self._pbx = pbx
        self._kind = kind
        self._dialled = caller.exten
        self._source = caller.caller_number
        self._attempts: list[Attempt] = []
        self._recording: PurePosixPath | None = None

    def dial_extension(self, extension: str) -> Channel:
        """The PBX calls a telephone of ours."""
        if not self._attempts:
            noise.dial_begins(self._pbx, self.caller)
        phone = self._pbx.appear(
            extension,
            state="Down",
            context="from-internal",
            exten="s",
            linkedid=self.caller.linkedid,
            caller_number=extension,
            caller_name=operator_name(extension),
        )
        self._pbx.set_variable(phone, "DIALEDPEERNUMBER", extension)
        phone.exten = self.caller.exten
        return self._begin(phone, extension)

    def dial_client(self, number: str) -> Channel:
        """The PBX calls somebody outside, showing the office's number."""
        pbx, trunk = self._pbx, self._pbx.office.trunk
        pbx.set_caller(self.caller, pbx.office.shown_number)
        noise.dial_begins(pbx, self.caller)
        line = pbx.appear(
            trunk,
            state="Down",
            context="from-trunk",
            exten="s",
            linkedid=self.caller.linkedid,
        )
        pbx.set_variable(line, "DIALEDPEERNUMBER", f"{number}@{trunk}")
        # Dial gives the called channel the number of the extension in which it runs.
        pbx.set_caller(line, number)
        return self._begin(line, f"{number}@{trunk}")

    def ring(self, called: Channel) -> None:
        """The called telephone rings: 180."""
        self._pbx.set_state(called, "Ringing")
        self._pbx.tell_attempt("DialState", self.caller, called, "DialStatus: RINGING")

    def answer(self, called: Channel) -> None:
        """It is picked up; the other telephones fall silent, and the talk begins."""
        pbx, caller = self._pbx, self.caller
        pbx.set_state(called, "Up")
        if len(self._attempts) > 1:
            pbx.show_partner(caller, called)
        others = [one.called for one in self._attempts if one.called is not called]
        for other in others:
            self._end(other, "CANCEL")
        pbx.set_variable(caller, "DIALSTATUS", "ANSWER")
        pbx.set_variable(caller, "DIALEDPEERNAME", called.name)
        called.exten = ""
        self._end(called, "ANSWER")
        pbx.set_state(caller, "Up")
        for other in others:
            pbx.vanish(other, ELSEWHERE)
        self._record(called)
        self._join(called)

    async def hang_up(self, by: Channel) -> None:
        """One of the two talkers hangs up; returns when the sound is on the disk."""
        pbx, caller = self._pbx, self.caller
        (talk,) = [one for one in self._attempts if one.status == "ANSWER"]
        talk.ended_at = pbx.now_ms()
        other = talk.called if by is caller else caller
        pbx.far_end_hangs_up(by, NORMAL)
        noise.sound_ends(pbx, by, other)
        pbx.leave_bridge(by, 1)
        pbx.leave_bridge(other, 0)
        pbx.set_variable(caller, "ANSWEREDTIME_MS", str(talk.lasted_ms))
        pbx.set_variable(caller, "DIALEDTIME_MS", str(talk.ended_at - talk.began_at))
        pbx.wants_it_gone(caller)
        if self._recording is not None and pbx.recorder is not None:
            await pbx.recorder.write(self._recording, talk.lasted_ms)
        pbx.vanish(talk.called, NORMAL)
        self._over(NORMAL)

    def give_up(self) -> None:
        """The caller hangs up while it rings."""
        self._pbx.far_end_hangs_up(self.caller, CANCELLED)
        called = [one.called for one in self._attempts]
        for phone in called:
            self._end(phone, "CANCEL")
        self._pbx.wants_it_gone(self.caller)
        for phone in called:
            self._pbx.vanish(phone, CANCELLED)
        self._over(CANCELLED)

    def time_out(self) -> None:
        """Nobody has answered for so long that the PBX gives up."""
        called = [one.called for one in self._attempts]
        for phone in called:
            self._end(phone, "NOANSWER")
            self._pbx.vanish(phone, 0)
        self._pbx.wants_it_gone(self.caller)
        self._over(NO_ANSWER)

    def refuse(self, called: Channel, cause: int) -> None:
        """The only one who is called cannot or will not talk."""
        pbx = self._pbx
        pbx.far_end_hangs_up(called, cause)
        # Asterisk knows a status of its own for a busy line alone: 404 and 480 are NOANSWER to it.
        status = "BUSY" if cause == BUSY else "NOANSWER"
        pbx.set_variable(self.caller, "DIALSTATUS", status)
        self._end(called, status)
        pbx.vanish(called, cause)
        if cause == NO_ANSWER:
            pbx.wants_it_gone(self.caller)
            self._over(NO_ANSWER)
            return
        told = BUSY if cause == BUSY else CONGESTION
        pbx.set_state(self.caller, "Busy")
        pbx.far_end_hangs_up(self.caller, told)
        pbx.wants_it_gone(self.caller)
        self._over(told)

    def _begin(self, called: Channel, dial_string: str) -> Channel:
        pbx, caller = self._pbx, self.caller
        caller.application = "Dial"
        caller.application_arguments = f"PJSIP/{dial_string},60"
        called.application = "AppDial"
        called.application_arguments = "(Outgoing Line)"
        pbx.show_partner(called, caller)
        self._attempts.append(Attempt(called, began_at=pbx.now_ms()))
        pbx.tell_attempt("DialBegin", caller, called, f"DialString: {dial_string}")
        if len(self._attempts) == 1:
            pbx.show_partner(caller, called)
        return called

    def _end(self, called: Channel, status: str) -> None:
        (attempt,) = [one for one in self._attempts if one.called is called]
        attempt.status = status
        attempt.answered_at = self._pbx.now_ms() if status == "ANSWER" else None
        attempt.ended_at = self._pbx.now_ms()
        self._pbx.tell_attempt("DialEnd", self.caller, called, f"DialStatus: {status}")

    def _record(self, called: Channel) -> None:
        """The dialplan records from the answer on: Dial's option U, with MixMonitor in it."""
        pbx = self._pbx
        if pbx.recorder is None:
            return
        self._recording = recording_path(
            self._kind,
            called=self._dialled,
            caller=self._source,
            began_at=self.caller.created_at,
            zone=pbx.office.zone,
            uniqueid=self.caller.uniqueid,
        )
        file = str(pbx.recorder.root / self._recording)
        pbx.set_variable(called, "MIXMONITOR_FILENAME", file)
        pbx.tell("MixMonitorStart", called.headers())

    def _join(self, called: Channel) -> None:
        pbx = self._pbx
        bridge_id = pbx.make_bridge()
        pbx.enter_bridge(called, bridge_id, 1)
        pbx.enter_bridge(self.caller, bridge_id, 2)
        pbx.set_variable(called, "BRIDGEPEER", self.caller.name)
        pbx.set_variable(self.caller, "BRIDGEPEER", called.name)

    def _over(self, cause: int) -> None:
        pbx = self._pbx
        pbx.vanish(self.caller, cause)
        file_name = self._recording.name if self._recording else ""
        for attempt in self._attempts:
            tell_cdr(pbx, self.caller, self._dialled, attempt, file_name)
        pbx.call_count += 1


def call_from_extension(pbx: Pbx, extension: str, dialled: str, kind: Kind) -> LiveCall:
    """Somebody of ours picks up and dials a number outside or a colleague's extension."""
    caller = pbx.appear(
        extension,
        state="Ring",
        context="from-internal",
        exten=dialled,
        caller_number=extension,
        caller_name=operator_name(extension),
    )
    pbx.set_variable(caller, "AMPUSER", extension)
    return LiveCall(pbx, caller, kind)


def call_from_outside(pbx: Pbx, number: str, dialled: str) -> LiveCall:
    """Somebody outside, with a national or a withheld number, calls a number of ours."""
    caller = pbx.appear(
        pbx.office.trunk,
        state="Ring",
        context="from-trunk",
        exten=dialled,
        caller_number=as_the_trunk_says(number),
    )
    pbx.set_variable(caller, "FROM_DID", dialled)
    return LiveCall(pbx, caller, Kind.INBOUND)


def operator_name(extension: str) -> str:
    """Give what the telephone shows of its owner."""
    return f"Operator {extension}"
