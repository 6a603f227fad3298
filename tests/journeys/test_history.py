"""Who did what: a role is given, the history tells it in the reader's language, and the person chosen may know."""

from collections.abc import Callable

from playwright.sync_api import expect

from audit.models import AuditEntry
from tests.journeys.conftest import Visitor

CYBER = "CCB_SAFEONWEBATWORK_EDIT"


def give_anna_a_role(jean: Visitor) -> None:
    """Walk through the wizard: Anna, found by her name, gets one role for a year."""
    jean.open(f"/assignments/new/?role={CYBER}")
    jean.page.locator("main form:has(input[value=search]) button").click()
    jean.page.locator("#id_q").fill("anna peeters")
    jean.page.locator("button[value=search]").click()
    jean.page.locator("input[name=person]").first.check()
    jean.page.locator("button[value=next]").click()
    jean.page.locator("button[value=next]").click()
    jean.page.locator('input[name="duration"][value="one_year"]').check()
    jean.page.locator("button[value=next]").click()
    jean.page.locator("button[value=finish]").click()
    assert "AR-" in jean.text


def test_a_manager_reads_filters_and_takes_the_history_and_the_person_reads_who_chose_her(
    visit: Callable[..., Visitor],
) -> None:
    jean = visit("en")
    jean.sign_in("Jean Dubois")
    give_anna_a_role(jean)

    jean.open("/")
    jean.press("History of the organisation")
    assert jean.heading == "History of the organisation"
    first = jean.page.locator(".events > li").first
    assert "Jean Dubois assigned the role" in first.inner_text() and "to Anna Peeters" in first.inner_text()
    first.locator("a").click()
    assert jean.heading.startswith("Assignment AR-")
    jean.page.go_back()

    jean.type("Person (optional)", "85.07.30-033.28")
    jean.press("Filter", exact=True)
    assert "The number cannot be used as a filter" in jean.page.locator(".error-summary").inner_text()
    jean.type("Person (optional)", "anna")
    jean.press("Filter", exact=True)
    expect(jean.page.locator("#results")).to_have_text("Events with “anna”")
    assert "anna" not in jean.page.url
    assert all("Anna Peeters" in text for text in jean.page.locator(".events > li").all_inner_texts())
    with jean.page.expect_download() as download:
        jean.press("Download the list (CSV)")
    assert download.value.suggested_filename == "history.csv"
    assert "Anna Peeters" in download.value.path().read_text("utf-8-sig")
    assert AuditEntry.objects.filter(event="history:exported").count() == 1
    jean.press("Clear filters")
    assert "Jean Dubois downloaded the history of the organisation" in jean.text

    anna = visit("en", javascript=False, width=320)
    anna.sign_in("Anna Peeters")
    anna.open("/profile/")
    anna.press("See my activity")
    assert anna.heading == "My activity"
    assert "Jean Dubois chose Anna Peeters for a role assignment" in anna.text
    assert anna.overflow == 0
    anna.open("/history/")
    assert anna.heading == "You cannot do this (yet)"


def test_every_month_with_something_is_reached_by_its_neighbour(visit: Callable[..., Visitor]) -> None:
    tom = visit("de", width=320)
    tom.sign_in("Tom Janssens", path="/login/?next=/acting-for/")
    tom.page.locator("main input[type=radio]").first.check()
    tom.page.locator("main button").first.click()
    tom.open("/history/")
    tom.page.locator('main a[href^="?month="]').click()
    months = [tom.text]
    while tom.page.locator('a[rel="prev"]').count():
        tom.page.locator('a[rel="prev"]').click()
        months.append(tom.text)
        assert tom.page.locator(".events > li").count() > 0
        assert tom.overflow == 0
    assert 1 < len(months) == len(set(months))
