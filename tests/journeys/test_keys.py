"""The four keys in real browsers, two at once where it takes two: by camera, by keyboard, without JavaScript."""

import io
import re
from collections.abc import Callable
from typing import Any

import pyotp
import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from csam.models import AppKey
from outbox.models import OutgoingEmail
from tests.csam.flows import early_in_a_step
from tests.journeys.conftest import Visitor

Visit = Callable[..., Visitor]


def camera(page: Page, at: str = ".qr-box") -> str:
    """Look at a QR code as a camera does, and return what it says."""
    shot = Image.open(io.BytesIO(page.locator(at).screenshot()))
    found = zxingcpp.read_barcodes(shot)
    assert len(found) == 1, "a camera reads one code here"
    return str(found[0].text)


def choose_key(visitor: Visitor, key: str, *, path: str = "/login/") -> None:
    visitor.open(path)
    visitor.page.locator(f'form[action="/login/{key}/"] button').click()


def ask_phone_of(visitor: Visitor, name: str, *, path: str = "/login/") -> str:
    """Choose itsme and a person; return the number to compare."""
    choose_key(visitor, "itsme", path=path)
    visitor.page.get_by_label(name, exact=True).check()
    visitor.page.locator("main form button.button").click()
    return visitor.page.locator(".compare-number").inner_text()


def approve(phone: Visitor, number: str) -> None:
    phone.page.get_by_label(number, exact=True).check()
    phone.page.locator("#code").fill("12345")
    phone.page.locator("button[value=approve]").click()


def test_itsme_with_two_devices_by_camera_and_without_javascript(visit: Visit) -> None:
    desk, phone = visit("fr", javascript=False), visit("fr", javascript=False, width=390, height=800, scheme="dark")
    number = ask_phone_of(desk, "Jean Dubois", path="/login/?next=/assignments/")
    phone.page.goto(camera(desk.page))
    assert "Jean Dubois" in phone.text
    # Too early: nothing happens yet.
    desk.page.locator("main form button.button").click()
    assert desk.page.locator(".error-summary").count() == 1
    approve(phone, number)
    assert phone.page.locator("form[action*='/logout/']").count() == 0  # the phone is signed in nowhere
    desk.page.locator("main form button.button").click()
    assert desk.settle().url.endswith("/assignments/")
    phone.open("/my-roles/")
    assert "/login/" in phone.settle().url


def test_the_camera_reads_the_code_in_the_dark_and_on_a_phone(visit: Visit) -> None:
    for look in ({"scheme": "dark"}, {"width": 320, "height": 800}):
        desk = visit("de", **look)
        ask_phone_of(desk, "Carine Peeters")
        assert re.fullmatch(r"http://[^/]+/idp/phone/[\w-]{22}/", camera(desk.page))
        assert desk.overflow == 0


def test_a_refusal_on_the_phone_is_seen_on_the_other_screen_and_one_begins_again(visit: Visit) -> None:
    desk, phone = visit("nl"), visit("nl", width=390)
    ask_phone_of(desk, "Marie Claes")
    phone.page.goto(camera(desk.page))
    phone.page.locator("button[value=refuse]").click()
    phone.settle()
    desk.page.locator("main form button.button").click()
    expect(desk.page.locator(".compare-number")).to_have_count(0)
    desk.page.locator("main form button.button").click()
    expect(desk.page.locator(".compare-number")).to_have_count(1)


def test_two_browsers_that_wait_for_the_same_person_are_not_mixed_up(visit: Visit) -> None:
    first, second, phone = visit("en"), visit("en"), visit("en", width=390)
    ask_phone_of(first, "Jean Dubois")
    number = ask_phone_of(second, "Jean Dubois")
    phone.page.goto(camera(second.page))
    approve(phone, number)
    first.press("I have confirmed in the app")
    assert "Not confirmed yet" in first.text
    second.press("I have confirmed in the app")
    assert second.heading == "My open tasks"


def test_itsme_by_keyboard_alone(visit: Visit) -> None:
    visitor = visit("en")
    visitor.open("/login/")
    press(visitor, visitor.page.locator('form[action="/login/itsme/"] button'))
    visitor.tab_to(visitor.page.locator("input[name=card]").first)
    visitor.page.keyboard.press("Space")
    press(visitor, visitor.page.get_by_role("button", name="Send to the phone"))
    number = visitor.page.locator(".compare-number").inner_text()
    press(visitor, visitor.page.get_by_role("link", name="Open the simulated phone"))
    visitor.tab_to(visitor.page.locator("input[name=number]").first)
    visitor.page.keyboard.press("Space")
    while visitor.page.locator("input[name=number]:checked").get_attribute("value") != number:
        visitor.page.keyboard.press("ArrowDown")
    visitor.tab_to(visitor.page.locator("#code"))
    visitor.page.keyboard.type("12345")
    visitor.page.keyboard.press("Enter")
    visitor.settle()
    assert visitor.heading == "Confirmed"
    press(visitor, visitor.page.get_by_role("link", name="Back to signing in"))
    press(visitor, visitor.page.get_by_role("button", name="I have confirmed in the app"))
    assert visitor.heading == "My open tasks"


def press(visitor: Visitor, target: Locator) -> None:
    """Reach something with Tab and press Enter."""
    visitor.tab_to(target)
    visitor.page.keyboard.press("Enter")
    visitor.settle()


def test_an_app_is_enrolled_by_camera_used_and_removed(visit: Visit, post: Callable[..., int]) -> None:
    anna = visit("de")
    anna.sign_in("Anna Peeters", path="/login/?next=/profile/app/")
    anna.page.locator("button[value=begin]").click()
    address = camera(anna.page)
    app: Any = pyotp.parse_uri(address)
    assert "Anna Peeters" in address.replace("%20", " ")
    # The secret as text is the same one.
    assert anna.page.locator(".secret").inner_text().replace(" ", "") == app.secret
    early_in_a_step(8)
    anna.page.locator("#id_code").fill("000000" if app.now() != "000000" else "111111")
    anna.page.locator("button[value=activate]").click()
    assert anna.page.locator(".error-summary").count() == 1
    anna.page.locator("#id_code").fill(app.now())
    anna.page.locator("button[value=activate]").click()
    expect(anna.page.locator(".banner-ok")).to_have_count(1)
    post()
    assert OutgoingEmail.objects.get(name="key_activated").status == "sent"

    # The first code has counted. So that nobody waits half a minute, it is taken for an earlier one.
    AppKey.objects.filter(person__given_name="Anna").update(last_step=1)
    elsewhere = visit("de", javascript=False)
    choose_key(elsewhere, "app", path="/login/?next=/my-roles/")
    elsewhere.page.get_by_label("Anna Peeters", exact=True).check()
    early_in_a_step(8)
    elsewhere.page.locator("#code").fill(app.now())
    elsewhere.page.locator("main form button.button").last.click()
    assert elsewhere.settle().url.endswith("/my-roles/")

    anna.open("/profile/app/remove/")
    anna.page.locator("button.button-ending").click()
    expect(anna.page.locator(".banner-ok")).to_have_count(1)
    assert not AppKey.objects.filter(person__given_name="Anna").exists()


def test_without_a_phone_the_demo_authenticator_shows_the_code(visit: Visit) -> None:
    tom = visit("en", javascript=False)
    choose_key(tom, "app", path="/login/?next=/my-roles/")
    early_in_a_step(10)
    tom.press("Open the demo authenticator")
    row = tom.page.locator("dl.summary > div", has_text="Tom Janssens")
    code = row.locator(".code").inner_text()
    tom.press("Back to the page that asks for the code")
    tom.tick("Tom Janssens")
    tom.type("Code in the app", code)
    tom.press("Confirm the code")
    assert tom.heading in ("For which organisation do you want to act?", "Which organisation are you acting for?")


def test_the_address_is_changed_with_the_code_in_the_mailbox(visit: Visit, post: Callable[..., int]) -> None:
    anna = visit("en")
    anna.sign_in("Anna Peeters", path="/login/?next=/profile/")
    anna.page.locator('a[href="/profile/email/"]').click()
    anna.type("New e-mail address", "anna@elsewhere.example")
    anna.press("Send a code")
    post()
    letters = visit("en")
    letters.open("/mailbox/")
    found = re.search(r"\b\d{8}\b", letters.page.locator(".letter-body").first.inner_text())
    assert found
    anna.type("Security code", found[0])
    anna.press("Confirm the code")
    assert anna.heading == "My profile"
    assert "We now write to you at anna@elsewhere.example" in anna.text
    post()
    letters.open("/mailbox/")
    assert "anna.peeters@boulangerie-dubois.example" in letters.page.locator(".letter").first.inner_text()


def test_signing_out_everywhere_ends_the_other_browser_too(visit: Visit) -> None:
    here, there = visit("fr"), visit("fr")
    for visitor in (there, here):
        visitor.sign_in("Jean Dubois", path="/login/?next=/profile/")
    assert here.page.locator(".task-row").count() == 2
    here.page.locator("button.button-ending").click()
    assert here.settle().url.endswith("/logout/")
    there.open("/my-roles/")
    assert there.heading == "Votre session est terminée"
