"""Access managers by mouse: a chief hands over, the next one appoints and ends, a stranger asks who they are."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from outbox.models import OutgoingEmail
from tenants.models import AccessManagerAppointment, Person
from tenants.operations.announcements import announce_ending_appointments
from tests.journeys.conftest import Visitor

Visit = Callable[..., Visitor]
LIST = "/access-managers/"


def number_of(given_name: str, family_name: str) -> str:
    return Person.objects.get(given_name=given_name, family_name=family_name).national_number


def functions(slug_number: str) -> set[tuple[str, str]]:
    """Return who is what now at the organisation with this number."""
    rows = AccessManagerAppointment.objects.live(timezone.localdate()).filter(
        organisation__enterprise_number=slug_number
    )
    return {(row.person.given_name, row.kind) for row in rows.select_related("person")}


def letters_to(given_name: str) -> list[str]:
    rows = OutgoingEmail.objects.filter(to__startswith=given_name.lower() + ".").order_by("id")
    return list(rows.values_list("name", flat=True))


def test_jean_makes_tom_chief_who_then_appoints_anna_and_ends_marie(visit: Visit) -> None:
    jean = visit("en", javascript=False)
    jean.sign_in("Jean Dubois")
    jean.page.locator(f'main a[href="{LIST}"]').click()
    jean.press("Appoint the chief access manager")
    jean.page.locator("#id_number").fill(number_of("Tom", "Janssens"))
    jean.page.locator("main button.button").click()
    assert jean.heading == "Check before you appoint this person"
    assert "Your own function as chief access manager ends at once." in jean.text
    jean.press("Appoint this person")
    assert jean.heading == "You will no longer be able to assign roles"
    jean.press("Yes, continue")
    assert "Tom Janssens has this function" in jean.text
    assert functions("0999999922") == {("Tom", "chief"), ("Marie", "domain")}
    assert (letters_to("Jean"), letters_to("Tom")) == (["manager_ended"], ["manager_appointed"])

    tom = visit("nl", width=360)
    tom.sign_in("Tom Janssens")
    tom.page.locator("main input[type=radio]").first.check()
    tom.page.locator("main button").first.click()
    tom.open(LIST)
    tom.page.locator('a[href$="?action=domain"]').click()
    tom.page.locator('input[value="domain-ENERGY"]').check()
    tom.page.locator("#id_number").fill(number_of("Anna", "Peeters"))
    last = timezone.localdate() + timedelta(days=400)
    for part in ("day", "month", "year"):
        tom.page.locator(f"#id_until_{part}").fill(str(getattr(last, part)))
    tom.page.locator("main button.button").click()
    tom.page.locator("main form button.button").click()
    assert tom.page.url.endswith(LIST) and tom.overflow == 0
    marie = AccessManagerAppointment.objects.get(person__given_name="Marie", person__family_name="Claes")
    tom.page.locator(f'a[href="{LIST}{marie.key}/end/"]').click()
    tom.page.locator("button.button-ending").click()
    assert tom.page.url.endswith(LIST)
    assert functions("0999999922") == {("Tom", "chief"), ("Anna", "domain")}
    assert (letters_to("Anna"), letters_to("Marie")) == (["manager_appointed"], ["manager_ended"])


def test_carine_cannot_leave_alone_and_a_representative_helps(visit: Visit) -> None:
    carine = visit("en")
    carine.sign_in("Carine Peeters")
    carine.open(LIST)
    own = AccessManagerAppointment.objects.get(person__given_name="Carine", kind="chief")
    carine.page.locator(f'a[href="{LIST}{own.key}/end/"]').click()
    assert carine.heading == "You cannot do this (yet)"
    assert "Luc Peeters (legal representative)" in carine.text


def test_klaus_gives_up_his_last_function_after_a_second_question(visit: Visit) -> None:
    klaus = visit("en")
    klaus.sign_in("Klaus Lennertz")
    klaus.open(LIST)
    klaus.page.locator('a[href$="/end/"]').click()
    klaus.press("End this function")
    assert klaus.heading == "You will no longer be able to assign roles"
    klaus.press("Yes, continue")
    assert "Klaus Lennertz no longer has this function" in klaus.text
    assert functions("0999999724") == {("Ingrid", "chief")}
    assert (letters_to("Klaus"), letters_to("Ingrid")) == (["manager_ended"], ["manager_ended"])


def test_olivier_asks_dubois_who_can_help_and_learns_no_name(visit: Visit, post: Callable[..., int]) -> None:
    olivier = visit("en", javascript=False)
    olivier.sign_in("Olivier Lambert")
    olivier.press("Who is my access manager?")
    olivier.page.locator("#id_number").fill("BE 0999.999.922")
    olivier.page.locator("#id_message").fill("I keep your books from January on.")
    olivier.press("Send the message")
    assert "Your message has been sent to the access managers of Boulangerie Dubois SRL" in olivier.text
    assert "Jean" not in olivier.text and "Tom" not in olivier.text
    assert post() == 2
    letter = OutgoingEmail.objects.get(name="manager_contact", to__startswith="jean.")
    assert "I keep your books from January on." in (letter.demo_text or "")
    assert "olivier.lambert@post.example" in (letter.demo_text or "")


def test_what_ends_in_thirty_days_is_announced(visit: Visit, post: Callable[..., int]) -> None:
    now = timezone.localtime().replace(hour=8)
    assert announce_ending_appointments(now=now) == 2
    assert post(minutes=8 * 60) == 2  # wherever in the night the test runs
    carine = visit("en")
    carine.sign_in("Carine Peeters")
    carine.open(LIST)
    assert "Ends in 30 days" in carine.text
