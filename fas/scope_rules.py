"""Which scopes exist, and which of them a client may ask; the toolkit asks here."""

from typing import Any

from oauth2_provider.scopes import BaseScopes

from fas.scopes import ALL_SCOPES, OPENID, SCOPES


class ClientScopes(BaseScopes):
    """Scopes of FAS, of which each client has its own."""

    def get_all_scopes(self) -> dict[str, str]:
        """Return every scope with what it is for."""
        return {name: str(SCOPES[name].words) if name in SCOPES else "" for name in ALL_SCOPES}

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Return those that a client may ask."""
        return sorted(application.allowed_scopes) if application is not None else []

    def get_default_scopes(self, application: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        """Return what a request without scopes asks."""
        return [OPENID]
