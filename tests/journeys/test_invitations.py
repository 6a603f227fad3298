"""An invitation from the first button to the role: Jean invites, a newcomer accepts, somebody else is turned away."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from outbox.models import OutgoingEmail
from roles.models import Invitation, RoleAssignment
from tenants.models import Person
from tests.journeys.conftest import Visitor

CYBER = "CCB_SAFEONWEBATWORK_EDIT"
CODE = re.compile(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b")


def write_down(visitor: Visitor, given: str, family: str, email: str, language: str, button: str) -> None:
    """Fill in the first page for one person and press a button."""
    page = visitor.page
    page.locator("#id_given_name").fill(given)
    page.locator("#id_family_name").fill(family)
    page.locator("#id_email").fill(email)
    page.locator(f'input[name="language"][value="{language}"]').check()
    page.locator(f"button[value={button}]").click()


def code_for(email: str) -> str:
    """Return the code of the newest letter to a mailbox, as the demo mailbox shows it."""
    letter = OutgoingEmail.objects.filter(name="invitation", to=email).latest("id")
    found = CODE.search(letter.demo_text or "")
    assert found is not None and found[0] not in letter.kept_text
    return found[0]


@pytest.mark.parametrize("language", ["fr", "de"])
def test_two_people_are_invited_one_accepts_and_a_forwarded_code_opens_nothing(
    visit: Callable[..., Visitor], post: Callable[[], int], language: str
) -> None:
    post()  # the invitation of the demonstration
    jean = visit(language)
    jean.sign_in("Jean Dubois")
    jean.page.locator('main a[href="/invitations/"]').click()
    jean.page.locator('form[action="/invitations/new/"] button').click()
    jean.page.locator("button[value=next]").click()
    expect(jean.page.locator(".error-summary li")).to_have_count(4)
    write_down(jean, "Nora", "Vandenbroucke", "nora@post.example", "nl", "add")
    assert "Nora Vandenbroucke" in jean.text
    write_down(jean, "Ruth", "Plumanns", "ruth@post.example", "de", "next")
    jean.page.locator("#id_q").fill("safeonweb")
    jean.page.locator("button[value=search]").click()
    jean.page.locator(f'input[name="role"][value="{CYBER}"]').check()
    jean.page.locator("button[value=next]").click()
    jean.page.locator('input[name="duration"][value="one_year"]').check()
    jean.page.locator("#id_message").fill("Willkommen, bienvenue")
    jean.page.locator("button[value=next]").click()
    assert jean.page.url.endswith("/review/")
    for words in ("Nora Vandenbroucke", "Ruth Plumanns", "nora@post.example", "Willkommen, bienvenue"):
        assert words in jean.text
    jean.page.locator("button[value=send]").click()
    jean.page.wait_for_url("**/done/")
    expect(jean.page.locator("main .task .tag")).to_have_count(2)
    assert post() == 2

    # The code is forwarded to somebody with another name.
    olivier = visit(language)
    olivier.open("/invitation/")
    olivier.sign_in("Olivier Lambert", path="/login/?next=/invitation/")
    olivier.page.locator("#id_code").fill(code_for("nora@post.example"))
    olivier.page.locator("main button.button").click()
    assert "Nora Vandenbroucke" in olivier.text and "Olivier Lambert" in olivier.text
    assert "Boulangerie" not in olivier.text

    # Nora has a card, and has never been here; the letter told her where to go.
    nora = visit(language, width=320)
    nora.open("/")
    nora.page.locator('main a[href="/invitation/"]').click()
    nora.page.locator('form[action="/login/eid/"] button').click()
    nora.page.get_by_label("Nora Vandenbroucke", exact=True).check()
    nora.page.locator("input[type=password]").fill("1234")
    nora.page.locator("main form button.button").click()
    nora.page.locator(f'main input[value="{language}"]').check()  # what a first sign-in asks
    nora.page.locator("main button.button").click()
    nora.page.wait_for_url("**/invitation/")
    assert nora.overflow == 0
    nora.page.locator("#id_code").fill("ABCD-EFGH")
    nora.page.locator("main button.button").click()
    expect(nora.page.locator(".error-summary")).to_be_visible()
    nora.page.locator("#id_code").fill(code_for("nora@post.example").replace("-", "").lower())
    nora.page.locator("main button.button").click()
    assert "Jean Dubois" in nora.heading
    for words in ("Boulangerie Dubois SRL", "CCB SAFEONWEBATWORK EDIT", "Willkommen, bienvenue"):
        assert words in nora.text
    assert nora.overflow == 0
    nora.page.locator("main button.button").click()
    expect(nora.page.locator(".error-summary li")).to_have_count(1)
    nora.page.locator("#answer-accept").check()
    nora.page.locator("main button.button").click()
    expect(nora.page.locator("main .task .tag")).to_have_count(1)
    assert nora.overflow == 0
    role = RoleAssignment.objects.get(assignee__family_name="Vandenbroucke")
    assert (role.role.code, role.assigned_by.given_name, role.origin) == (CYBER, "Jean", "invitation")

    # The inviter sees it, sends the other one again, then cancels it.
    letters: dict[str, Any] = {}
    assert post() == 2
    for letter in OutgoingEmail.objects.filter(name__in=("role_given", "invitation_answered")):
        letters[letter.name] = letter.to
    assert set(letters) == {"role_given", "invitation_answered"}
    assert letters["role_given"] == Person.objects.get(family_name="Vandenbroucke").email
    row = Invitation.objects.get(family_name="Plumanns")
    jean.open("/invitations/")
    jean.page.locator(f'a[href="/invitations/{row.key}/"]').click()
    old = code_for("ruth@post.example")
    jean.page.locator(f'form[action="/invitations/{row.key}/send-again/"] button').click()
    expect(jean.page.locator(".banner")).to_be_visible()
    post()
    assert code_for("ruth@post.example") != old
    jean.page.locator(f'a[href="/invitations/{row.key}/cancel/"]').click()
    jean.page.locator("button.button-ending").click()
    expect(jean.page.locator(".banner")).to_be_visible()
    row.refresh_from_db()
    assert row.status == "cancelled"
    assert post() == 1
