"""What sign-in writes into the audit trail."""

from enum import StrEnum


class SignInEvent(StrEnum):
    """Events about logins and digital keys."""

    SUCCEEDED = "sign_in:succeeded"
    FAILED = "sign_in:failed"
    SIGNED_OUT = "sign_out:done"
    SESSION_ENDED = "session:ended"
    KEY_ENROLLED = "key:enrolled"
    KEY_REMOVED = "key:removed"
    KEY_BLOCKED = "key:blocked"
    KEY_UNBLOCKED = "key:unblocked"
    CODE_SENT = "security_code:sent"
    PHONE_ASKED = "phone_request:sent"
    PHONE_REFUSED = "phone_request:refused"
    ADDRESS_CODE_SENT = "address_code:sent"
    ADDRESS_CODE_REFUSED = "address_code:refused"
    LOGIN_CHANGED = "login:changed"
    GROUP_ADDED = "staff_group:added"
    GROUP_CHANGED = "staff_group:changed"
    GROUP_REMOVED = "staff_group:removed"
