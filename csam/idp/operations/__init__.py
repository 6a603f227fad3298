"""Proving who one is: the card's PIN, the request on the phone, the codes by e-mail and by app."""

from csam.idp.operations.app_code import check_app_code
from csam.idp.operations.mail_code import check_code, send_code
from csam.idp.operations.phone import answer_phone, ask_phone, finish_phone, refuse_phone
from csam.idp.operations.pin import card_block_end, check_pin

__all__ = [
    "answer_phone",
    "ask_phone",
    "card_block_end",
    "check_app_code",
    "check_code",
    "check_pin",
    "finish_phone",
    "refuse_phone",
    "send_code",
]
