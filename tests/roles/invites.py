"""Invitations without their pages: a plain row, or a whole sending with the codes of its letters."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from outbox.models import OutgoingEmail
from roles.invitations import InvitationOrder, bare
from roles.models import AssignmentDraft, DraftInvitee, DraftRole, Invitation, InvitedRole, Role
from roles.models.invitation import code_index
from roles.operations.invitations import send_invitations
from roles.order import OrderedRole
from tenants.acting import ActingContext
from tenants.models import Organisation, Person
from tenants.periods import local_day
from tests.factories import OrganisationFactory

Somebody = tuple[str, str, str, str]
NORA: Somebody = ("Nora", "Vandenbroucke", "nora@post.example", "nl")
PAUL: Somebody = ("Paul", "Plumanns", "paul@post.example", "de")


def an_invitation(
    inviter: Person, *, now: datetime, roles: list[Role] | None = None, code: str = "ABCDEFGH", **values: Any
) -> Invitation:
    """Store one open invitation, without a letter or a trace."""
    organisation = values.pop("organisation", None) or OrganisationFactory()
    number = Invitation.objects.count() + 1
    row = Invitation.objects.create(
        **{
            "reference": f"IN-2020-{number:06d}-1",
            "organisation": organisation,
            "given_name": "Nora",
            "family_name": "Vandenbroucke",
            "email": "nora@post.example",
            "language": "nl",
            "invited_by": inviter,
            "invited_at": now,
            "sent_at": now,
            "code_index": code_index(f"{code}{number if number > 1 else ''}"),
            "answer_before": local_day(now) + timedelta(days=30),
            **values,
        }
    )
    for role in roles if roles is not None else Role.objects.all()[:1]:
        InvitedRole.objects.create(invitation=row, role=role)
    return row


def invite_draft(
    owner: Person,
    organisation: Organisation,
    people: list[Somebody],
    roles: list[Role],
    *,
    now: datetime,
    answers: dict[str, dict[str, Any]] | None = None,
    **values: Any,
) -> AssignmentDraft:
    """Store a draft as the four steps would have left it."""
    draft = AssignmentDraft.objects.create(
        **{
            "owner": owner,
            "variant": "invitation",
            "organisation": organisation,
            "duration": "unlimited",
            "start": "today",
            "properties_answered": True,
            "created_at": now,
            "updated_at": now,
            **values,
        }
    )
    for given, family, email, language in people:
        DraftInvitee.objects.create(draft=draft, given_name=given, family_name=family, email=email, language=language)
    for role in roles:
        DraftRole.objects.create(draft=draft, role=role, properties=(answers or {}).get(role.code, {}))
    return draft


class Sending:
    """A draft whose check page has been looked at: what remains is `press`."""

    def __init__(
        self,
        acting: ActingContext,
        organisation: Organisation,
        people: list[Somebody],
        roles: list[Role],
        *,
        now: datetime,
        valid_from: date | None = None,
        valid_until: date | None = None,
        message: str = "",
        answers: dict[str, dict[str, Any]] | None = None,
    ) -> None:
        self.acting, self.now = acting, now
        self.draft = invite_draft(acting.person, organisation, people, roles, now=now, answers=answers)
        self.order = InvitationOrder(
            invitees=tuple(self.draft.invitees.all()),
            organisation=organisation,
            roles=tuple(OrderedRole(role, (answers or {}).get(role.code, {})) for role in roles),
            valid_from=valid_from,
            valid_until=valid_until,
            message=message,
        )

    def press(self, **changes: Any) -> str:
        """Press the last button and return the reference."""
        values = {"acting": self.acting, "draft": self.draft, "seen_version": self.draft.version, "now": self.now}
        return send_invitations(self.order, **{**values, **changes})

    @property
    def rows(self) -> list[Invitation]:
        """What the press has made."""
        return list(Invitation.objects.filter(draft=self.draft).for_page().order_by("id"))


def invite(
    acting: ActingContext, organisation: Organisation, people: list[Somebody], roles: list[Role], **values: Any
) -> list[Invitation]:
    """Invite people and return the rows."""
    sending = Sending(acting, organisation, people, roles, **values)
    sending.press()
    return sending.rows


def code_of(row: Invitation) -> str:
    """Return the code of the newest letter of an invitation, bare, as long as it has not left."""
    letter = OutgoingEmail.objects.filter(batch=f"invitation:{row.key}").latest("id")
    assert letter.secrets is not None
    return bare(json.loads(letter.secrets)["code"])
