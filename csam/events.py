"""What sign-in writes into the audit trail."""

from enum import StrEnum


class SignInEvent(StrEnum):
    """Events about logins and digital keys."""

    SUCCEEDED = "sign_in:succeeded"
    FAILED = "sign_in:failed"
    SIGNED_OUT = "sign_out:done"
    KEY_BLOCKED = "key:blocked"
    KEY_UNBLOCKED = "key:unblocked"
    CODE_SENT = "security_code:sent"
    LOGIN_CHANGED = "login:changed"
    GROUP_ADDED = "staff_group:added"
    GROUP_CHANGED = "staff_group:changed"
    GROUP_REMOVED = "staff_group:removed"
