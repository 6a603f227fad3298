"""The services that rely on the portal, who is signed in there, and the codes and tokens between them."""

from fas.models.changes import ClientUse, RoleChange
from fas.models.client import Client, RolesAs
from fas.models.logout import DeliveryState, LogoutDelivery, Trouble
from fas.models.sign_on import Consent, EndReason, SignOn
from fas.models.tokens import AccessToken, DeviceGrant, Grant, IDToken, RefreshToken

__all__ = [
    "AccessToken",
    "Client",
    "ClientUse",
    "Consent",
    "DeliveryState",
    "DeviceGrant",
    "EndReason",
    "Grant",
    "IDToken",
    "LogoutDelivery",
    "RefreshToken",
    "RoleChange",
    "RolesAs",
    "SignOn",
    "Trouble",
]
