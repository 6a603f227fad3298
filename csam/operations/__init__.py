"""Acts around signing in, sessions, and what a person keeps with the portal."""

from csam.operations.attempts import (
    ATTEMPT_LIFE,
    confirm_attempt,
    end_attempt,
    end_attempts_of,
    find_attempt,
    forget_old_attempts,
    hash_secret,
    is_confirmed,
    redeem_attempt,
    start_attempt,
)
from csam.operations.sessions import end_all_sessions, end_session
from csam.operations.sign_in import (
    SEEN_AT,
    SIGN_IN_KEY,
    RegisterEntry,
    person_of_record,
    record_failure,
    sign_in,
    sign_out,
    user_of,
)

__all__ = [
    "ATTEMPT_LIFE",
    "SEEN_AT",
    "SIGN_IN_KEY",
    "RegisterEntry",
    "confirm_attempt",
    "end_attempt",
    "end_attempts_of",
    "end_all_sessions",
    "end_session",
    "find_attempt",
    "forget_old_attempts",
    "hash_secret",
    "is_confirmed",
    "person_of_record",
    "record_failure",
    "redeem_attempt",
    "sign_in",
    "sign_out",
    "start_attempt",
    "user_of",
]
