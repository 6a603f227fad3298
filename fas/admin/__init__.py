"""The pages of the administration about services that rely on the portal.

Clients, codes and tokens are registered by the toolkit, with the classes that the settings name.
"""

from fas.admin import logouts, lookups, sign_ons, tokens  # noqa: F401
