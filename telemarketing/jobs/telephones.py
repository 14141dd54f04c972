"""Keeps call tracking's list of our telephones as fresh as the operators' table.

In: the table, read again by the clock, since another process (`telemarketing operator add`) may
have changed it. Out: the same list for every PBX's directory.
"""

from collections.abc import Mapping

import structlog

from telemarketing import clock
from telemarketing.calls.directory import Directory, Telephones
from telemarketing.crm.operators import staff_telephones
from telemarketing.errors import StorageError
from telemarketing.storage.engine import Database

log = structlog.get_logger(__name__)


class TelephoneRefresh:
    """Reads the telephones of our operators into the directories.

    Args:
        database: where operators are kept.
        directories: by name of the PBX.
    """

    def __init__(self, database: Database, directories: Mapping[str, Directory]) -> None:
        """See the class."""
        self._database = database
        self._directories = directories

    async def refresh(self) -> None:
        """Do it once; a database that is away leaves the old list in force."""
        try:
            staff = await staff_telephones(self._database, clock.now_ms())
        except StorageError as error:
            log.warning("operators' telephones not refreshed", reason=str(error))
            return
        for pbx, directory in self._directories.items():
            extensions = {extension for of, extension in staff.extensions if of in (None, pbx)}
            directory.replace_telephones(Telephones(frozenset(extensions), staff.mobiles))
