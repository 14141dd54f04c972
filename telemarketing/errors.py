"""Every exception that crosses a folder, grouped by what the caller can do about it.

Each carries a sentence for a person: what is wrong, where, and what cures it.
"""


class TelemarketingError(Exception):
    """Root of all exceptions of this package; its text is fit to be shown to an administrator."""


class ConfigError(TelemarketingError):
    """The settings cannot be used; the text names file, line, key and the cure."""


class StorageError(TelemarketingError):
    """The database cannot be used as it is."""


class StorageUnavailable(StorageError):
    """The database cannot take this write now (disk full, locked, server away): try again later."""


class SchemaTooNew(StorageError):
    """The database was written by a newer version of this program: upgrade the program."""


class SchemaTooOld(StorageError):
    """The database needs `telemarketing migrate` first."""


class NotFound(TelemarketingError):
    """No such row."""


class Refused(TelemarketingError):
    """What was asked breaks a rule of the product; the text names the field and the cure."""


class ChangedMeanwhile(TelemarketingError):
    """Somebody else changed it since it was read: look at it again, then decide."""


class AmiError(TelemarketingError):
    """Something about one link to one PBX."""


class AmiUnreachable(AmiError):
    """No connection to the PBX could be made or kept: try again later."""


class AmiLoginRefused(AmiError):
    """Asterisk refused user name, secret or address: a person must look at it."""


class AmiActionFailed(AmiError):
    """An action was refused, was not answered in time, or lost its connection."""


class CaptureError(TelemarketingError):
    """A recorded AMI session cannot be read or written."""
