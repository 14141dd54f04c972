"""Builds every object, starts and stops them in order; the only file that knows all of them.

In: the settings. Out: a running daemon, until SIGTERM or SIGINT. It decides nothing about calls.
"""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog

from telemarketing import clock
from telemarketing.ami.capture import SessionWriter
from telemarketing.ami.link import AmiLink, LinkState
from telemarketing.assembly import make_directory, make_link, make_numbering, make_proposal_rules
from telemarketing.callflow import CallFlow, publish
from telemarketing.calls.tracker import Tracker
from telemarketing.config import PbxSettings, Settings
from telemarketing.crm.call_log import CallLog
from telemarketing.crm.journal import Journal
from telemarketing.errors import AmiLoginRefused, SchemaTooOld
from telemarketing.jobs.loop import JobLoop
from telemarketing.jobs.recordings import RecordingWatch
from telemarketing.jobs.reminders import REMINDER_CHECK_S, ReminderFiring
from telemarketing.jobs.telephones import TelephoneRefresh
from telemarketing.live import Live
from telemarketing.media.finder import Finder
from telemarketing.media.roots import Roots
from telemarketing.model.call import Call
from telemarketing.model.changes import LinkChanged
from telemarketing.ops import sdnotify
from telemarketing.replay import replay_calls
from telemarketing.storage.engine import Database

if TYPE_CHECKING:
    from telemarketing.web.server import Panel

log = structlog.get_logger(__name__)

TELEPHONE_REFRESH_S = 10
"""How soon an operator added on the command line is known to call tracking."""
DRAIN_S = 4
"""How long a stop waits for what is not stored yet; a database that holds a statement up adds 5."""


async def serve(settings: Settings) -> None:
    """Run the daemon until it is told to stop.

    Raises:
        ConfigError: a setting cannot be used.
        StorageError: the database cannot be opened.
    """
    stop = _stop_signal()
    async with AsyncExitStack() as stack:
        daemon = await _build(settings, stack)
        await daemon.run(stop)


def _stop_signal() -> asyncio.Event:
    """Give what SIGTERM and SIGINT will set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    # Its default would end us, and administrators send it to daemons to make them read settings.
    loop.add_signal_handler(signal.SIGHUP, log.info, "SIGHUP ignored: settings are read at start")
    return stop


class Daemon:
    """All long-lived parts, and the order in which they start and stop."""

    def __init__(
        self,
        *,
        links: dict[str, AmiLink],
        flows: list[CallFlow],
        journal: Journal,
        jobs: JobLoop,
        recordings: RecordingWatch,
        live: Live,
        panel: "Panel | None",
    ) -> None:
        """Take the parts; nothing is started yet."""
        self._links = links
        self._flows = flows
        self._journal = journal
        self._jobs = jobs
        self._recordings = recordings
        self._live = live
        self._panel = panel

    async def run(self, stop: asyncio.Event) -> None:
        """Start everything, wait for `stop`, end everything: links first, the database last.

        Raises:
            ConfigError: the panel cannot listen where it should.
        """
        if self._panel is not None:
            await self._panel.start()
        storing = _start(self._journal.run(), "journal")
        flows = [_start(flow.run(), "call flow") for flow in self._flows]
        links = [_start(link.run(), f"link to {name}") for name, link in self._links.items()]
        searching = _start(self._recordings.run(), "recordings")
        watchdog = _start(sdnotify.feed_watchdog(), "watchdog")
        status = [_start(self._tell_state(link), "status") for link in self._links.values()]
        self._jobs.start()
        sdnotify.notify("READY=1")
        log.info("ready", pbxs=list(self._links))
        essential = [storing, *flows, *links]
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait([stopping, *essential], return_when=asyncio.FIRST_COMPLETED)
        sdnotify.notify("STOPPING=1")
        log.info("stopping", waiting=self._journal.waiting_count)
        self._jobs.stop()
        for link in self._links.values():
            link.close()
        if self._panel is not None:
            await self._panel.stop()
        # What the links had received already is still on its way to the journal.
        await asyncio.wait(flows, timeout=DRAIN_S)
        await self._drain()
        failures = await _cancel([stopping, searching, watchdog, *status, *essential])
        if failures:
            raise failures[0]
        log.info("stopped")

    async def _tell_state(self, link: AmiLink) -> None:
        """Keep true, for ever, what `systemctl status` and open panels show of a link."""
        while True:
            told = link.state
            self._live.publish(LinkChanged(link.pbx))
            states = [f"{name}: {each.state}" for name, each in self._links.items()]
            sdnotify.notify(f"STATUS={', '.join(states)}")
            await link.reached(*(state for state in LinkState if state is not told))

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(DRAIN_S):
                await self._journal.drained()
        except TimeoutError:
            log.error(
                "stopped with calls that the database did not take",
                waiting=self._journal.waiting_count,
            )


async def _build(settings: Settings, stack: AsyncExitStack) -> Daemon:
    normalise = make_numbering(settings).normalise
    url = settings.database.url.get_secret_value()
    database = await _opened(url)
    stack.push_async_callback(database.close)
    live = Live()
    call_log = CallLog(database, make_proposal_rules(settings))
    journal = Journal(call_log, partial(publish, live=live))
    directories = {pbx.name: make_directory(settings, pbx, normalise) for pbx in settings.pbx}
    telephones = TelephoneRefresh(database, directories)
    await telephones.refresh()
    jobs = JobLoop()
    jobs.every(TELEPHONE_REFRESH_S, telephones.refresh, "operators' telephones")
    reminders = ReminderFiring(database, live.publish)
    # What came due while no daemon ran does not wait for the clock.
    await reminders.fire()
    jobs.every(REMINDER_CHECK_S, reminders.fire, "reminders")
    links = {pbx.name: make_link(pbx) for pbx in settings.pbx}
    flows = [
        CallFlow(name, link, Tracker(name, directories[name]), journal)
        for name, link in links.items()
    ]
    recordings = RecordingWatch(
        database,
        Finder(
            Roots([Path(root) for root in settings.recordings.roots]),
            ZoneInfo(settings.office.time_zone),
        ),
        live,
        clock.now_ms,
        wait_s=settings.recordings.wait_s,
    )
    panel = None
    if settings.panel.enabled:
        # The libraries of the panel take time and memory that other commands can do without.
        from telemarketing.app_panel import make_panel  # noqa: PLC0415

        panel = await make_panel(settings, database, live, journal, links, flows)
    return Daemon(
        links=links,
        flows=flows,
        journal=journal,
        jobs=jobs,
        recordings=recordings,
        live=live,
        panel=panel,
    )


async def capture(pbx: PbxSettings, out: Path, seconds: float | None) -> int:
    """Record everything that a PBX tells into a file.

    Args:
        pbx: whom to record.
        out: a file that does not exist yet.
        seconds: when to end; None = at SIGTERM or SIGINT.

    Returns:
        How many messages were recorded.

    Raises:
        CaptureError: the file cannot be written.
        AmiLoginRefused: Asterisk refused the login, so there is nothing to record.
    """
    stop = _stop_signal()
    secret = pbx.secret.get_secret_value()
    with SessionWriter(out, f"recorded from {pbx.name} by telemarketing capture", [secret]) as file:
        link = make_link(pbx, save=file.write)
        following = _start(link.run(), f"link to {pbx.name}")
        forgetting = _start(_discard(link), "discard")
        refused = asyncio.ensure_future(link.reached(LinkState.REFUSED))
        stopping = asyncio.ensure_future(stop.wait())
        ends = [stopping, refused, following]
        await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        login_refused = refused.done()
        link.close()
        failures = await _cancel([forgetting, *ends])
        if failures:
            raise failures[0]
        if login_refused:
            raise AmiLoginRefused(f"{pbx.name} refused the login; the log says what to check")
        return file.message_count


async def _discard(link: AmiLink) -> None:
    """The recording is made where the messages are framed; nobody consumes the events."""
    while await link.receive():
        pass


async def _opened(url: str) -> Database:
    """Open the database, and bring it to the present schema first if it is older or new."""
    database = Database(url)
    try:
        await database.open()
    except SchemaTooOld:
        # Alembic takes 0.2 s to import and is needed once per upgrade.
        from telemarketing.storage.migrate import migrate  # noqa: PLC0415

        migrated = await asyncio.to_thread(migrate, url)
        log.info(
            "database migrated",
            before=migrated.before,
            after=migrated.after,
            backup=str(migrated.backup_path or "none needed"),
        )
        database = Database(url)
        await database.open()
    return database


def replay(path: Path, settings: Settings | None) -> list[Call]:
    """Follow a recorded session with the settings' first PBX, or with defaults.

    Raises:
        CaptureError: the file cannot be read, or is no AMI session.
    """
    settings = settings or Settings()
    pbx = settings.pbx[0] if settings.pbx else PbxSettings(name="pbx")
    directory = make_directory(settings, pbx, make_numbering(settings).normalise)
    return replay_calls(path, pbx.name, directory)


def _start(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    return asyncio.create_task(work, name=name)


async def _cancel(tasks: list[Any]) -> list[BaseException]:
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return [
        result
        for result in results
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError)
    ]
