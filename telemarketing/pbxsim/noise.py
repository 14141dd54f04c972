"""What an Asterisk says in every call and call tracking does not read: half of all it sends.

In: the channels of a call at the moments at which Dial, and the end of the sound, set variables.
Out: their VarSet events, in the recorded order, so that load on the simulated PBX weighs as much as
load on a real one.
"""

from telemarketing.pbxsim.channels import Channel
from telemarketing.pbxsim.pbx import Pbx

_CLEARED_BY_DIAL = (
    "DIALSTATUS", "DIALEDPEERNUMBER", "DIALEDPEERNAME", "ANSWEREDTIME", "ANSWEREDTIME_MS",
    "DIALEDTIME", "DIALEDTIME_MS", "RINGTIME", "RINGTIME_MS", "PROGRESSTIME", "PROGRESSTIME_MS",
)  # fmt: skip
_QUALITIES = {
    "": "ssrc=1875863642;themssrc=0;lp=0;rxjitter=0.000000;rxcount=0;txjitter=0.000000;txcount=0;"
    "rlp=0;rtt=0.000000;rxmes=0.000000;txmes=0.000000",
    "JITTER": "minrxjitter=000.000000;maxrxjitter=000.000000;avgrxjitter=000.000000;"
    "mintxjitter=000.000000;maxtxjitter=000.000000;avgtxjitter=000.000000;",
    "LOSS": "minrxlost=000.000000;maxrxlost=000.000000;avgrxlost=000.000000;"
    "mintxlost=000.000000;maxtxlost=000.000000;avgtxlost=000.000000;",
    "RTT": "minrtt=000.000000;maxrtt=000.000000;avgrtt=000.000000;stdevrtt=000.000000;",
    "MES": "minrxmes=000.000000;maxrxmes=000.000000;mintxmes=000.000000;maxtxmes=000.000000;",
}


def dial_begins(pbx: Pbx, caller: Channel) -> None:
    """Dial empties its variables."""
    for variable in _CLEARED_BY_DIAL:
        pbx.set_variable(caller, variable, "")


def sound_ends(pbx: Pbx, by: Channel, other: Channel) -> None:
    """The side that hung up tells how good the sound was, first of itself, then of its bridge."""
    for quality, told in _QUALITIES.items():
        pbx.set_variable(by, f"RTPAUDIOQOS{quality}", told)
        pbx.set_variable(other, f"RTPAUDIOQOS{quality}BRIDGED", told)
    for channel in (by, other):
        pbx.set_variable(channel, "BRIDGEPEER", "")
