"""Why an attempt to call somebody failed: dial status and hang-up cause -> disposition.

In: what DialEnd and Hangup said of one dialled channel. Out: a disposition. The cause is asked
first, because Asterisk folds most of them into NOANSWER or CHANUNAVAIL (SIP 404 and 603 too).
"""

from telemarketing.model.call import Disposition

_BY_CAUSE = {
    1: Disposition.FAILED,  # unallocated number (SIP 404)
    2: Disposition.FAILED,
    3: Disposition.FAILED,  # no route
    17: Disposition.BUSY,  # SIP 486, 600
    18: Disposition.NO_ANSWER,  # SIP 408
    19: Disposition.NO_ANSWER,  # SIP 480
    20: Disposition.FAILED,  # subscriber absent: the phone is not registered
    21: Disposition.BUSY,  # rejected (SIP 603)
    22: Disposition.FAILED,
    27: Disposition.FAILED,
    28: Disposition.FAILED,  # SIP 484
    34: Disposition.FAILED,  # no circuit (SIP 503)
    38: Disposition.FAILED,
    41: Disposition.FAILED,
    42: Disposition.FAILED,
    58: Disposition.FAILED,
    102: Disposition.FAILED,
    127: Disposition.FAILED,
}

_BY_STATUS = {
    "BUSY": Disposition.BUSY,
    "CANCEL": Disposition.CANCELLED,
    "CHANUNAVAIL": Disposition.FAILED,
    "CONGESTION": Disposition.FAILED,
    "INVALIDARGS": Disposition.FAILED,
    "NOANSWER": Disposition.NO_ANSWER,
}


def outcome_of_attempt(dial_status: str | None, cause: int | None) -> Disposition | None:
    """Say how one dialled channel ended without a talk.

    Args:
        dial_status: DialEnd's; None = no DialEnd was seen.
        cause: Q.850 number of its Hangup; None = not seen.

    Returns:
        None when neither tells, or when another of the phones rung was answered instead.
    """
    if dial_status == "CANCEL":
        # Our own side ended the attempt; the cause is only what we told the phone.
        return Disposition.CANCELLED
    if cause is not None and cause in _BY_CAUSE:
        return _BY_CAUSE[cause]
    return _BY_STATUS.get(dial_status or "")
