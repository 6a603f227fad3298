"""Field groups: label, hint, error and input belong together, for eyes and for screen readers."""

import re

import pytest
from django import forms
from django.utils import translation

from tenants.date_field import DateTripleField
from tenants.templatetags.portal import error_links
from tenants.widgets import CheckboxChoices, RadioChoices

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def in_english():
    with translation.override("en"):
        yield


class Answers(forms.Form):
    number = forms.CharField(
        label="Number", help_text="11 digits", error_messages={"required": "Enter a national register number"}
    )
    duration = forms.ChoiceField(
        label="How long?",
        choices=[("unlimited", "Unlimited"), ("limited", "Limited")],
        widget=RadioChoices(hints={"unlimited": "Until someone ends it"}),
        error_messages={"required": "Choose unlimited or limited duration"},
    )
    regions = forms.MultipleChoiceField(
        label="Which?", choices=[("a", "A"), ("b", "B")], widget=CheckboxChoices, error_messages={"required": "Choose"}
    )
    until = DateTripleField(label="End date")
    myself = forms.BooleanField(label="Myself", required=False, help_text="You are chosen too")
    message = forms.CharField(label="Message", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["message"].optional_mark = True


def group(form: forms.Form, name: str) -> str:
    return str(form[name].as_field_group())


def test_hint_and_error_describe_the_input():
    page = group(Answers({}), "number")
    assert '<label for="id_number">Number</label>' in page
    assert '<p class="hint" id="id_number_helptext">11 digits</p>' in page
    assert re.search(r'<p class="error-line" id="id_number_error"><span class="visually-hidden">Error: </span>', page)
    assert 'aria-describedby="id_number_helptext id_number_error"' in page
    assert 'aria-invalid="true"' in page
    assert 'class="field field-error"' in page


def test_without_error_nothing_points_to_one():
    page = group(Answers(), "number")
    assert 'aria-describedby="id_number_helptext"' in page
    assert "error" not in page


def test_no_field_carries_the_required_attribute():
    form = Answers()
    assert not any(re.search(r"\brequired\b", group(form, name)) for name in form.fields)


def test_radio_buttons_stand_in_a_group_with_a_legend_and_their_error():
    page = group(Answers({}), "duration")
    assert page.startswith('<fieldset class="choices field field-error" aria-describedby="id_duration_error">')
    assert "<legend>How long?</legend>" in page
    assert page.count('<div class="choice">') == 2
    assert 'aria-describedby="id_duration_0_hint"' in page
    assert '<span class="hint" id="id_duration_0_hint">Until someone ends it</span>' in page
    assert "id_duration_1_hint" not in page
    assert "aria-invalid" not in page
    assert "checked" not in page


def test_ticked_answers_come_back_ticked():
    page = group(Answers({"regions": ["b"], "duration": "limited"}), "regions")
    assert re.findall(r'value="(\w)"[^>]*checked', page) == ["b"]


def test_a_single_box_has_its_label_beside_it():
    page = group(Answers(), "myself")
    assert re.search(r'<div class="choice"><input type="checkbox"[^>]*><label for="id_myself">Myself</label>', page)
    assert 'aria-describedby="id_myself_helptext"' in page


def test_optional_is_said_in_words():
    assert '<span class="optional">(optional)</span>' in group(Answers(), "message")
    assert "(optional)" not in group(Answers(), "myself")


def test_each_error_leads_to_the_first_input_it_is_about():
    form = Answers({"until_day": "27", "until_year": "2028"})
    assert error_links(form) == [
        ("#id_number", "Enter a national register number"),
        ("#id_duration_0", "Choose unlimited or limited duration"),
        ("#id_regions_0", "Choose"),
        ("#id_until_month", "The end date must include a month"),
    ]
    page = "".join(group(form, name) for name in form.fields)
    for href, _text in error_links(form):
        assert f'id="{href[1:]}"' in page


def test_errors_of_the_whole_form_come_first_and_lead_nowhere():
    form = Answers({})
    form.add_error(None, "This draft changed in another tab")
    assert error_links(form)[0] == ("", "This draft changed in another tab")


def test_what_was_typed_is_escaped():
    page = group(Answers({"number": '"><script>alert(1)</script>'}), "number")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
