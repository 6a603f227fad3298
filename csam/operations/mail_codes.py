"""Codes that travel by e-mail: how they look, and how many go to one address."""

import secrets
from datetime import datetime, timedelta

from tenants.folding import fold_email
from vault import throttle
from vault.throttle import Verdict

CODE_DIGITS = 8
CODES_PER_ADDRESS = 10  # a day

_ADDRESS, _NEW_ADDRESS = "csam.mail_code_address", "csam.new_address_code"


def new_code() -> str:
    """Return a random code of eight digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def take_for_new_address(address: str, *, now: datetime) -> Verdict:
    """Count one code that makes an address somebody's: apart, so that nobody uses up another's codes to sign in."""
    return throttle.take(_NEW_ADDRESS, fold_email(address), limit=CODES_PER_ADDRESS, per=timedelta(days=1), now=now)


def take_for_address(address: str, *, now: datetime) -> Verdict:
    """Count one code to sign in, and say whether it is among those of the day for this address."""
    return throttle.take(_ADDRESS, fold_email(address), limit=CODES_PER_ADDRESS, per=timedelta(days=1), now=now)
