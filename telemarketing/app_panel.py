"""Builds the panel of the daemon; `app.py` starts and stops it.

In: the settings, and parts of the daemon that pages show. Out: a panel, not listening yet. Apart
from `app.py`, because its libraries are imported only where there is a panel.
"""

import asyncio
import ssl
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from telemarketing import clock, logs
from telemarketing.ami.link import AmiLink
from telemarketing.assembly import make_numbering
from telemarketing.callflow import CallFlow
from telemarketing.config import PanelSettings, Settings
from telemarketing.crm.accounts import Accounts
from telemarketing.crm.journal import Journal
from telemarketing.crm.passwords import Passwords
from telemarketing.errors import ConfigError
from telemarketing.live import Live
from telemarketing.media.roots import Roots
from telemarketing.model.pbx import PbxState
from telemarketing.storage.engine import Database
from telemarketing.web.keys import Office, Workings
from telemarketing.web.server import Panel, Program, make_app


async def make_panel(
    settings: Settings,
    database: Database,
    live: Live,
    journal: Journal,
    links: dict[str, AmiLink],
    flows: list[CallFlow],
) -> Panel:
    """Make the panel.

    Args:
        settings: all of them.
        database: open.
        live: through which changes become known.
        journal: where calls wait to be stored.
        links: by the names of their PBXs.
        flows: in the same order.

    Raises:
        ConfigError: the certificate cannot be used.
        TelemarketingError: the build has not brought the front-end files.
    """
    wanted = settings.panel
    started_at = clock.now_ms()
    tls = await asyncio.to_thread(_tls, wanted)
    program = Program(
        database=database,
        live=live,
        accounts=Accounts(database, Passwords(), wanted.session_s),
        office=await asyncio.to_thread(_make_office, settings),
        now_ms=clock.now_ms,
        pbx_states=lambda: [
            _pbx_state(link, flow) for link, flow in zip(links.values(), flows, strict=True)
        ],
        workings=Workings(
            version=await asyncio.to_thread(version, "telemarketing"),
            started_at=started_at,
            waiting_count=lambda: journal.waiting_count,
            recent_errors=logs.recent_errors,
        ),
        roots=Roots([Path(root) for root in settings.recordings.roots]),
        trusted_proxies=wanted.trusted_proxies,
    )
    return Panel(await make_app(program), wanted.host, wanted.port, tls)


def _make_office(settings: Settings) -> Office:
    office = settings.office
    return Office(
        zone=ZoneInfo(office.time_zone),
        day_begins=office.day_begins,
        day_ends=office.day_ends,
        working_days=office.working_days,
        short_talk_ms=office.short_talk_s * 1000,
        remind_before_ms=settings.callbacks.remind_before_s * 1000,
        normalise=make_numbering(settings).normalise,
    )


def _pbx_state(link: AmiLink, flow: CallFlow) -> PbxState:
    return PbxState(
        name=link.pbx,
        state=link.state.value,
        connected_since=link.connected_since,
        last_heard_at=link.last_heard_at,
        missing_rights=tuple(f"{one.access}: {one.name}" for one in link.rights.missing),
        excess_rights=link.rights.excess_classes,
        live_calls_here=flow.live_calls_here,
        comparison=flow.comparison,
    )


def _tls(wanted: PanelSettings) -> ssl.SSLContext | None:
    if wanted.certificate_file is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(wanted.certificate_file, wanted.key_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"panel.certificate_file, panel.key_file: {wanted.certificate_file} and "
            f"{wanted.key_file or 'the key in it'} cannot be used ({error}); name a readable "
            "certificate and its key, both in PEM form"
        ) from error
    return context
