"""Sofie looks after the portal: the administration in a real browser, under the strict content security policy."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tenants.models import Employment
from tests.admin.pages import address, own_models
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.asvs(20), pytest.mark.threat(23)]


def test_no_page_of_the_administration_breaks_the_policy(visit: Callable[..., Visitor]) -> None:
    sofie = visit("nl")
    sofie.sign_in("Sofie De Smet", path="/login/?next=/admin/")
    assert sofie.page.url.endswith("/admin/")
    for model in own_models():
        where = address(model)
        sofie.open(where)
        may_add = sofie.page.locator(f'a[href^="{where}add/"].addlink').count() > 0
        row = model._default_manager.order_by("-pk").first()
        if row is not None:
            sofie.open(address(model, "change", row.pk))
        if may_add:
            sofie.open(address(model, "add"))
    sofie.open("/admin/tenants/person/number/")
    assert sofie.problems == []


def test_choosing_a_person_and_a_day_works(visit: Callable[..., Visitor]) -> None:
    sofie = visit("en")
    sofie.sign_in("Sofie De Smet", path="/login/?next=/admin/tenants/employment/add/")
    page = sofie.page
    for field, words, found in (("person", "lambert", "Olivier Lambert"), ("organisation", "dubois", "Boulangerie")):
        page.locator(f".field-{field} .select2-selection").click()
        # Into the field itself: on a busy machine the list opens a moment after the click.
        page.locator(".select2-container--open .select2-search__field").press_sequentially(words)
        page.locator(".select2-results__option", has_text=found).first.click()
    page.locator("#id_valid_from ~ .datetimeshortcuts a").first.click()
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert sofie.problems == []
    job = Employment.objects.get(person__family_name="Lambert")
    assert job.organisation.enterprise_number == "0999999922"
