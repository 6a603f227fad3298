"""Logins and sessions, attempts to sign in, and what a person keeps with the portal."""

from csam.models.attempt import MAX_CODE_TRIES, LoginTicket, MailCode, PhoneRequest, Purpose
from csam.models.own import AddressChange, AppKey
from csam.models.user import OpenSession, User, UserManager

__all__ = [
    "MAX_CODE_TRIES",
    "AddressChange",
    "AppKey",
    "LoginTicket",
    "MailCode",
    "OpenSession",
    "PhoneRequest",
    "Purpose",
    "User",
    "UserManager",
]
