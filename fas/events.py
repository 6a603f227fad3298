"""What this floor writes into the audit trail."""

from enum import StrEnum


class FasEvent(StrEnum):
    """Events about services that rely on the portal."""

    SIGNED_ON = "sign_on:started"
    SIGN_ON_ENDED = "sign_on:ended"
    CONSENT_GIVEN = "consent:given"
    CONSENT_WITHDRAWN = "consent:withdrawn"
    NUMBER_GIVEN = "number:given"
    TOKEN_REVOKED = "token:revoked"  # noqa: S105 - an event
    CODE_REUSED = "code:reused"
    CLIENT_ADDED = "client:added"
    CLIENT_CHANGED = "client:changed"
    CLIENT_SECRET_RENEWED = "client:secret_renewed"  # noqa: S105 - an event
    SECRETS_REFUSED = "client:secrets_refused"  # noqa: S105 - an event
    LOGOUT_SENT_AGAIN = "logout:sent_again"
