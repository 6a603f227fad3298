"""What a sign-on still lacks, decided anew at each step from what is true now."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from csam.models import User
from fas.models import Client
from fas.operations.consents import has_agreed
from fas.operations.sign_ons import last_choice, sign_on_of_hint
from fas.organisations import Choice, choices_of, concerns_organisations, find_choice, is_a_choice
from fas.requests import SignInRequest
from fas.subjects import subject_of
from tenants.acting import SELF, ActingContext
from tenants.models import Organisation


class Step(StrEnum):
    """The steps in their order."""

    SIGN_IN = "sign_in"
    OTHER_PERSON = "other_person"
    CHOOSE = "choose"
    AGREE = "agree"
    DONE = "done"


# What a service reads that asked for an answer without any page (OpenID Connect Core, 3.1.2.6).
SILENT_ERRORS = {
    Step.SIGN_IN: "login_required",
    Step.OTHER_PERSON: "login_required",
    Step.CHOOSE: "interaction_required",
    Step.AGREE: "consent_required",
}


@dataclass(frozen=True)
class Standing:
    """The next step, and for whom the person acts at the service once that is known."""

    step: Step
    organisation: Organisation | None = None
    choices: tuple[Choice, ...] = ()


def standing(
    asked: SignInRequest, client: Client, acting: ActingContext | None, user: User, session: Any, *, now: datetime
) -> Standing:
    """Return what is to be done next for this request."""
    if acting is None or acting.level < asked.level:
        return Standing(Step.SIGN_IN)
    if asked.after_moment is not None and not acting.has_shown_since(asked.after_moment):
        return Standing(Step.SIGN_IN)
    if asked.hinted_sub and subject_of(acting.person, client) != asked.hinted_sub:
        return Standing(Step.OTHER_PERSON)
    choices: list[Choice] = []
    organisation: Organisation | None = None
    if concerns_organisations(asked.scopes):
        choices = choices_of(acting, client, now=now)
        chosen = _chosen(asked, client, choices, user, session)
        if chosen is None:
            return Standing(Step.CHOOSE, choices=tuple(choices))
        organisation = find_choice(choices, chosen)
    if asked.asks_consent or not has_agreed(user, client, asked.scopes):
        return Standing(Step.AGREE, organisation, tuple(choices))
    return Standing(Step.DONE, organisation, tuple(choices))


def _chosen(asked: SignInRequest, client: Client, choices: list[Choice], user: User, session: Any) -> str | None:
    """Return the key of the organisation, SELF for nobody, None where the person has to say."""
    if asked.chosen:
        # What was chosen and is gone meanwhile is never swapped for what is left.
        return asked.chosen if is_a_choice(choices, asked.chosen) else None
    if asked.asks_choice:
        return None
    if not choices:
        return SELF
    if len(choices) == 1:
        return choices[0].organisation.key
    if asked.asks_organisation:
        return None
    # What the service says it asks about counts before what this browser did last.
    hinted = sign_on_of_hint(asked.hinted_sid, client, user) if asked.hinted_sid else None
    before = hinted or last_choice(session, client)
    if before is None:
        return None
    key = before.organisation.key if before.organisation else SELF
    return key if is_a_choice(choices, key) else None
