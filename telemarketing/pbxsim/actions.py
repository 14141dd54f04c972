"""What the simulated PBX answers to those who are logged in.

In: the headers of one action. Out: the bytes of the whole answer, with the list it may bring. The
wording is Asterisk's, because programs go by it. Logging in and out is the server's.
"""

from collections.abc import Callable
from datetime import datetime

from telemarketing.pbxsim.channels import Channel
from telemarketing.pbxsim.pbx import Pbx

AMI_VERSION = "11.0.0"
ASTERISK_VERSION = "22.10.1"

Headers = dict[str, str]
"""Of an action, by their names in small letters; Asterisk does not care about the case."""

_COMMANDS = {
    "Challenge": "Generate Challenge for MD5 Auth.  (Priv: <none>)",
    "CoreSettings": "Show PBX core settings (version etc).  (Priv: system,reporting,all)",
    "CoreShowChannels": "List currently active channels.  (Priv: system,reporting,all)",
    "CoreStatus": "Show PBX core status variables.  (Priv: system,reporting,all)",
    "ListCommands": "List available manager commands.  (Priv: <none>)",
    "Login": "Login Manager.  (Priv: <none>)",
    "Logoff": "Logoff Manager.  (Priv: <none>)",
    "Ping": "Keepalive command.  (Priv: <none>)",
    "Status": "List channel status.  (Priv: system,call,reporting,all)",
}


def answer(pbx: Pbx, action: Headers) -> bytes:
    """Answer one action, be it known or not."""
    name = action.get("action")
    if name is None:
        return refusal(action, "Missing action in request")
    make = _ANSWERS.get(name.lower())
    if make is None:
        cure = "Use Action: ListCommands to show available commands."
        return refusal(action, f"Invalid/unknown command: {name}. {cure}")
    return make(pbx, action)


def response(action: Headers, kind: str = "Success", /, **headers: str) -> bytes:
    """Make a response to an action, with the ActionID that came with it."""
    return _message(f"Response: {kind}\r\n{_action_id(action)}", headers)


def refusal(action: Headers, why: str) -> bytes:
    """Make the response to what is not done."""
    return response(action, "Error", Message=why)


def _ping(pbx: Pbx, action: Headers) -> bytes:
    return response(action, Ping="Pong", Timestamp=f"{pbx.now_ms() / 1000:.6f}")


def _list_commands(_pbx: Pbx, action: Headers) -> bytes:
    return response(action, **_COMMANDS)


def _core_settings(_pbx: Pbx, action: Headers) -> bytes:
    return response(
        action,
        AMIversion=AMI_VERSION,
        AsteriskVersion=ASTERISK_VERSION,
        SystemName="",
        CoreMaxCalls="0",
        CoreMaxLoadAvg="0.000000",
        CoreRunUser="asterisk",
        CoreRunGroup="asterisk",
        CoreMaxFilehandles="1024",
        CoreRealTimeEnabled="No",
        CoreCDRenabled="Yes",
        CoreHTTPenabled="No",
        SoundsSearchCustomDir="No",
    )


def _core_status(pbx: Pbx, action: Headers) -> bytes:
    booted = datetime.fromtimestamp(pbx.booted_at / 1000, pbx.office.zone)
    calls = {channel.linkedid for channel in pbx.channels.values()}
    return response(
        action,
        CoreStartupDate=f"{booted:%Y-%m-%d}",
        CoreStartupTime=f"{booted:%H:%M:%S}",
        CoreReloadDate=f"{booted:%Y-%m-%d}",
        CoreReloadTime=f"{booted:%H:%M:%S}",
        CoreCurrentCalls=str(len(calls)),
    )


def _core_show_channels(pbx: Pbx, action: Headers) -> bytes:
    def line(channel: Channel) -> str:
        return (
            f"BridgeId: {channel.bridge_id}\r\n"
            f"Application: {channel.application}\r\n"
            f"ApplicationData: {channel.application_arguments}\r\n"
            f"Duration: {_clock(_age_s(pbx, channel))}\r\n"
        )

    return _list(pbx, action, "CoreShowChannel", "Channels will follow", line)


def _status(pbx: Pbx, action: Headers) -> bytes:
    with_variables = action.get("allvariables", "").lower() == "true"

    def line(channel: Channel) -> str:
        variables = channel.variables.items() if with_variables else ()
        return (
            "Type: PJSIP\r\n"
            f"DNID: {channel.variables.get('FROM_DID', '')}\r\n"
            "TimeToHangup: 0\r\n"
            f"BridgeID: {channel.bridge_id}\r\n"
            f"Application: {channel.application}\r\n"
            f"Data: {channel.application_arguments}\r\n"
            f"Seconds: {_age_s(pbx, channel)}\r\n"
        ) + "".join(f"Variable: {name}={value}\r\n" for name, value in variables)

    return _list(pbx, action, "Status", "Channel status will follow", line)


def _list(
    pbx: Pbx, action: Headers, event: str, announced: str, line: Callable[[Channel], str]
) -> bytes:
    """A list of the live channels; like Asterisk's, its events have no Timestamp."""
    action_id = _action_id(action)
    items = [
        f"Event: {event}\r\n{action_id}{channel.headers()}{line(channel)}\r\n".encode()
        for channel in pbx.channels.values()
    ]
    complete = "StatusComplete" if event == "Status" else f"{event}sComplete"
    end = {"EventList": "Complete", "ListItems": str(len(items))}
    return b"".join(
        [
            response(action, EventList="start", Message=announced),
            *items,
            _message(f"Event: {complete}\r\n{action_id}", end),
        ]
    )


def _message(head: str, headers: Headers) -> bytes:
    lines = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
    return f"{head}{lines}\r\n".encode()


def _action_id(action: Headers) -> str:
    return f"ActionID: {action['actionid']}\r\n" if "actionid" in action else ""


def _age_s(pbx: Pbx, channel: Channel) -> int:
    return (pbx.now_ms() - channel.created_at) // 1000


def _clock(seconds: int) -> str:
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"


_ANSWERS: dict[str, Callable[[Pbx, Headers], bytes]] = {
    "coresettings": _core_settings,
    "coreshowchannels": _core_show_channels,
    "corestatus": _core_status,
    "listcommands": _list_commands,
    "ping": _ping,
    "status": _status,
}
