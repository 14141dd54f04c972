"""Makes parts of the daemon of what the settings say; knows every setting that they need.

In: settings. Out: objects, not started, of the stations below. `app.py` puts them together.
"""

import ssl
from collections.abc import Callable
from datetime import time
from zoneinfo import ZoneInfo

from telemarketing.ami.link import AmiLink
from telemarketing.ami.session import Save
from telemarketing.calls.directory import Directory
from telemarketing.config import PbxSettings, Settings
from telemarketing.crm.proposals import ProposalRules
from telemarketing.crm.working_hours import WorkingHours
from telemarketing.errors import ConfigError
from telemarketing.phones import Numbering


def make_link(pbx: PbxSettings, save: Save | None = None) -> AmiLink:
    """Make the link to one PBX, not connected yet.

    Args:
        pbx: its settings.
        save: sees every message, for a recording.
    """
    return AmiLink(
        pbx=pbx.name,
        host=pbx.host,
        port=pbx.port,
        username=pbx.username,
        secret=pbx.secret.get_secret_value(),
        tls=_tls(pbx),
        watchdog_s=pbx.watchdog_s,
        ping_every_s=pbx.watchdog_s / 3,
        action_timeout_s=pbx.action_timeout_s,
        save=save,
    )


def _tls(pbx: PbxSettings) -> ssl.SSLContext | None:
    if not pbx.tls.enabled:
        return None
    try:
        context = ssl.create_default_context(cafile=pbx.tls.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"pbx {pbx.name}: tls.ca_file {pbx.tls.ca_file} cannot be used ({error}); "
            "name a readable file with certificates in PEM form"
        ) from error
    context.check_hostname = pbx.tls.verify_hostname
    return context


def make_numbering(settings: Settings) -> Numbering:
    """Make what reads phone numbers, by the rules of the settings."""
    numbers = settings.numbers
    return Numbering(numbers.region, numbers.outside_prefixes, numbers.area_code)


def make_proposal_rules(settings: Settings) -> ProposalRules:
    """Make the rules by which the service proposes calls."""
    office = settings.office
    hours = WorkingHours(
        ZoneInfo(office.time_zone),
        time.fromisoformat(office.day_begins),
        time.fromisoformat(office.day_ends),
        frozenset(office.working_days),
    )
    pauses_ms = tuple(pause_s * 1000 for pause_s in settings.callbacks.retry_after_s)
    return ProposalRules(hours, pauses_ms)


def make_directory(
    settings: Settings, pbx: PbxSettings, normalise: Callable[[str], str | None]
) -> Directory:
    """Make what tells our channels from outside ones, for one PBX."""
    return Directory(
        extension_pattern=settings.extensions.pattern,
        trunks=pbx.trunks,
        trunk_contexts=pbx.trunk_contexts,
        normalise=normalise,
    )
