"""Every screen in a real browser: axe, one heading, the title, no sideways scroll at 320 px in German.

With the variable PICTURES set, the pictures of the README are taken anew.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe

from roles.models import RoleAssignment
from tests.journeys.conftest import PICTURES, Visitor

# What axe cannot decide, each with the reason. Empty: nothing is left undecided.
UNDECIDED: set[str] = set()
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LANGUAGES = ("fr", "nl", "de", "en")


@dataclass(frozen=True)
class Look:
    """One way to look at the screens; the languages are shared out among them."""

    language: str
    width: int
    scheme: str


LOOKS = (Look("fr", 1280, "light"), Look("de", 320, "dark"), Look("nl", 1280, "dark"), Look("de", 320, "light"))


def screens(visitor: Visitor) -> Iterator[str]:
    """Lead a visitor from screen to screen; yield the name of each when it is open."""
    for name, path in (("start", "/"), ("login", "/login/"), ("help", "/help/"), ("mailbox", "/mailbox/")):
        visitor.open(path)
        yield name
    for name, path in (("accessibility", "/accessibility/"), ("privacy", "/privacy/"), ("not-found", "/nothing/")):
        visitor.open(path)
        yield name
    visitor.open("/login/")
    visitor.page.locator('form[action="/login/email/"] button').click()
    yield "email-key"
    visitor.page.locator("main form").first.locator("button").click()
    yield "email-key-error"
    visitor.page.locator("main .task-link").first.click()
    yield "email-code"
    visitor.page.locator("main button.button").first.click()
    yield "email-code-error"
    yield from other_keys(visitor)
    visitor.open("/login/")
    visitor.page.locator('form[action="/login/eid/"] button').click()
    yield "card"
    visitor.page.locator("main form button.button").click()
    yield "card-error"
    visitor.page.get_by_label("Tom Janssens", exact=True).check()
    visitor.page.locator("input[type=password]").fill("1234")
    visitor.page.locator("main form button.button").click()
    yield "acting-for"
    visitor.page.locator("main input[type=radio]").first.check()
    visitor.page.locator("main button").first.click()
    yield "tasks"
    yield from profile(visitor)
    visitor.open("/my-roles/")
    yield "my-roles"
    visitor.open("/assignments/")
    yield "assignments"
    yield from wizard(visitor)
    row = RoleAssignment.objects.get(draft__isnull=False, assignee__given_name="Tom", role__code="CUSTOMS_PLDA")
    visitor.open(f"/assignments/{row.key}/")
    yield "assignment"
    visitor.open("/logout/")
    yield "logout"
    visitor.page.locator("main button").click()
    visitor.sign_in("Klaus Lennertz")
    waiting = visitor.page.locator("main a.task-link").first
    waiting.click()
    yield "confirm"
    visitor.page.locator("main button.button").click()
    yield "confirm-error"
    visitor.page.locator('form[action="/logout/"] button').click()
    visitor.sign_in("Anna Peeters")
    yield "tasks-employee"
    visitor.open("/assignments/new/")
    yield "not-allowed"
    visitor.open("/my-roles/")
    yield "my-roles-empty"


def other_keys(visitor: Visitor) -> Iterator[str]:
    """The pages of itsme and of the code by app, up to the point where somebody would be signed in."""
    page = visitor.page
    visitor.open("/login/")
    page.locator('form[action="/login/itsme/"] button').click()
    yield "itsme"
    page.locator("main form button.button").click()
    yield "itsme-error"
    page.get_by_label("Carine Peeters", exact=True).check()
    page.locator("main form button.button").click()
    yield "itsme-waiting"
    page.locator("main form button.button").click()
    yield "itsme-not-yet"
    page.locator("main a.button-secondary").click()
    yield "phone"
    page.locator("button[value=approve]").click()
    yield "phone-error"
    page.locator("button[value=refuse]").click()
    yield "phone-refused"
    page.locator("main a.button").click()
    yield "itsme-refused"
    visitor.open("/login/")
    page.locator('form[action="/login/app/"] button').click()
    yield "app"
    page.locator("main form button.button").click()
    yield "app-error"
    visitor.open("/idp/authenticator/")
    yield "authenticator"


def profile(visitor: Visitor) -> Iterator[str]:
    """The profile of whoever is signed in, with the pages under it and their errors."""
    page = visitor.page
    visitor.open("/profile/")
    yield "profile"
    visitor.open("/profile/email/")
    page.locator("main button.button").click()
    yield "address-error"
    page.locator("#id_email").fill("tom@new.example")
    page.locator("main button.button").click()
    yield "address-code"
    page.locator("#id_code").fill("12")
    page.locator("main button.button").click()
    yield "address-code-error"
    visitor.open("/profile/app/")
    yield "app-active"
    visitor.open("/profile/app/remove/")
    yield "app-remove"
    page.locator("main button.button-ending").click()
    yield "profile-saved"
    visitor.open("/profile/app/")
    yield "app-begin"
    page.locator("button[value=begin]").click()
    yield "app-pending"
    page.locator("button[value=activate]").click()
    yield "app-pending-error"
    visitor.open("/profile/check/")
    yield "profile-check"


def wizard(visitor: Visitor) -> Iterator[str]:
    """The screens of the wizard, with their errors."""
    page = visitor.page
    visitor.open("/assignments/new/?role=CUSTOMS_PLDA")
    yield "new-assignment"
    page.locator("main form:has(input[value=number]) button").click()
    page.locator("#id_number").fill("123")
    page.locator("button[value=add]").click()
    yield "number-error"
    page.locator("button[value=number], button[value=search], a.button-secondary").last.click()
    page.goto(page.url.split("#")[0].replace("/number/", "/persons/"))
    page.locator("button[value=search]").click()
    yield "persons-error"
    page.locator("#id_q").fill("zzzz")
    page.locator("button[value=search]").click()
    yield "persons-none"
    page.locator("#id_q").fill("peeters")
    page.locator("button[value=search]").click()
    yield "persons"
    page.locator("input[name=person]").nth(1).check()
    page.locator("#myself").check()
    page.locator("button[value=add]").click()
    page.goto(page.url.split("#")[0].replace("/persons/", "/number/"))
    yield "number"
    page.locator("button[value=next]").click()
    yield "organisation"
    page.locator("button[value=next]").click()
    page.locator("#id_q").fill("mandat")
    page.locator("button[value=search]").click()
    yield "roles"
    page.locator("#role-FIN_MANDATE_EXECUTOR").check()
    page.locator("button[value=next]").click()
    page.locator("button[value=next]").click()
    yield "properties-error"
    page.locator('input[name="duration"][value="one_year"]').check()
    for box in page.locator('input[value="yes"], input[type="checkbox"]').all():
        box.check()
    page.locator("button[value=next]").click()
    yield "review"
    page.locator("button[value=finish]").click()
    yield "done"


def life(visitor: Visitor) -> Iterator[str]:
    """The screens of what follows an assignment: managing, ending, inviting, asking, appointing, and who did what."""
    page = visitor.page
    visitor.sign_in("Jean Dubois")
    yield "tasks-chief"
    visitor.open("/assignments/?status=active&sort=ends")
    yield "manage-filtered"
    page.locator("#id_ends_day").fill("32")
    page.locator(".filters button").click()
    yield "manage-error"
    visitor.open("/assignments/?status=active&sort=ends")
    page.locator("button[value=end]").click()
    yield "bulk-none"
    visitor.open("/assignments/?status=active&sort=ends")
    for number in range(2):
        page.locator("input[name=key]").nth(number).check()
    page.locator("button[value=end]").click()
    page.locator("main button.button-ending").click()
    yield "bulk-end-error"
    visitor.open("/assignments/?status=active&sort=ends")
    page.locator("tbody a").first.click()
    yield "assignment-works"
    here = page.url
    for act in ("end", "extend"):
        visitor.page.goto(f"{here}{act}/")
        page.locator("main form button").last.click()
        yield f"{act}-error"
    yield from inviting(visitor)
    for name, path in (
        ("requests-none", "/requests/"),
        ("history", "/history/"),
        ("activity", "/profile/activity/"),
        ("managers", "/access-managers/"),
    ):
        visitor.open(path)
        yield name
    visitor.open("/access-managers/new/")
    page.locator("main form button.button").first.click()
    yield "appoint-error"
    visitor.open("/access-managers/")
    page.locator('main a[href$="/end/"]').first.click()
    yield "end-manager"
    visitor.open("/assignments/")
    page.locator('form[action="/logout/"] button').click()
    yield from asking(visitor)


def inviting(visitor: Visitor) -> Iterator[str]:
    """The invitations of Jean's organisation, and the steps to a new one."""
    page = visitor.page
    visitor.open("/invitations/")
    yield "invitations"
    page.locator('form[action="/invitations/new/"] button').first.click()
    page.locator("button[value=add]").click()
    yield "invite-people-error"
    page.locator("#id_given_name").fill("Nora")
    page.locator("#id_family_name").fill("Mertens")
    page.locator("#id_email").fill("nora@post.example")
    page.locator('input[name="language"][value="nl"]').check()
    page.locator("button[value=next]").click()
    page.locator("input[name=role]").first.check()
    page.locator("button[value=next]").click()
    page.locator("button[value=next]").click()
    yield "invite-properties-error"
    page.locator('input[name="duration"][value="one_year"]').check()
    for box in page.locator('input[value="yes"], main fieldset input[type="checkbox"]').all():
        box.check()
    page.locator("button[value=next]").click()
    yield "invite-review"
    page.locator("main form button.button").first.click()
    yield "invite-done"


def asking(visitor: Visitor) -> Iterator[str]:
    """What an employee asks for, what an outsider may do, and the page for a code."""
    page = visitor.page
    visitor.sign_in("Anna Peeters")
    visitor.open("/my-roles/request/")
    yield "ask"
    page.locator("input[name=role]").first.check()
    page.locator("button[value=next]").click()
    page.locator("button[value=next]").click()
    yield "ask-reason-error"
    page.locator('input[name="duration"][value="one_year"]').check()
    page.locator("button[value=next]").click()
    yield "ask-review"
    page.locator("main form button.button").first.click()
    yield "ask-done"
    visitor.open("/requests/?status=mine")
    yield "requests-mine"
    page.locator('main a[href^="/requests/"]:not([href*="?"])').first.click()
    yield "request-own"
    visitor.open("/access-managers/contact/")
    page.locator("main form button.button").first.click()
    yield "contact-error"
    visitor.open("/invitation/")
    page.locator("main form button.button").first.click()
    yield "code-error"
    visitor.open("/assignments/")
    page.locator('form[action="/logout/"] button').click()
    visitor.sign_in("Tom Janssens")
    page.locator("main input[type=radio]").first.check()
    page.locator("main button").first.click()
    visitor.open("/requests/")
    page.locator('main a[href^="/requests/"]:not([href*="?"])').first.click()
    page.locator("main form button.button").first.click()
    yield "decide-error"


Walk = Callable[[Visitor], Iterator[str]]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.width}-{look.scheme}")
@pytest.mark.parametrize(("walk", "least"), [(screens, 55), (life, 28)], ids=["screens", "life"])
def test_every_screen_is_accessible_and_fits(visit: Callable[..., Visitor], look: Look, walk: Walk, least: int) -> None:
    visitor = visit(look.language, width=look.width, scheme=look.scheme)
    axe, problems, seen = Axe(), [], []
    for name in walk(visitor):
        seen.append(name)
        page = visitor.settle()
        if visitor.overflow:
            problems.append(f"{name}: {visitor.overflow} px wider than the window")
        if page.locator("h1").count() != 1 or visitor.heading.strip() not in page.title():
            problems.append(f"{name}: heading {visitor.heading!r}, title {page.title()!r}")
        if page.locator("html").get_attribute("lang") != look.language:
            problems.append(f"{name}: not in {look.language}")
        result = axe.run(page, options=OPTIONS).response
        for kind in ("violations", "incomplete"):
            for finding in result[kind]:
                if kind == "violations" or finding["id"] not in UNDECIDED:
                    nodes = [node["html"][:150] for node in finding["nodes"][:3]]
                    problems.append(f"{name}: {kind} {finding['id']} {nodes}")
    assert len(seen) >= least
    assert not problems, "\n".join(problems)


@pytest.mark.pictures
def test_take_the_pictures_of_the_readme(visit: Callable[..., Visitor]) -> None:
    wide = visit("fr", width=1100, height=900)
    PICTURES.mkdir(exist_ok=True)
    for name in screens(wide):
        if name in ("tasks", "roles", "review", "done", "itsme-waiting", "profile"):
            # Without the focus ring, which is where the visitor happens to be.
            wide.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
            wide.page.screenshot(path=PICTURES / f"{name}.png")
    for name in life(wide := visit("fr", width=1100, height=900)):
        if name in ("manage-filtered", "assignment-works", "ask-review", "managers"):
            wide.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
            wide.page.screenshot(path=PICTURES / f"{name}.png")
    phone = visit("fr", width=390, height=900, scheme="dark")
    phone.sign_in("Jean Dubois")
    phone.open("/my-roles/")
    phone.page.locator("main").evaluate("element => element.scrollIntoView()")
    phone.page.screenshot(path=PICTURES / "my-roles-phone.png")
