"""Radio buttons and checkboxes as the portal draws them: a row each, with an optional hint under the label."""

from collections.abc import Mapping
from typing import Any

from django.forms import CheckboxSelectMultiple, RadioSelect
from django.forms.widgets import ChoiceWidget


class _HintedChoices(ChoiceWidget):
    """Rows of `div.choice`. `hints` maps a choice's value to a sentence shown under its label."""

    template_name = "forms/widgets/choices.html"
    option_template_name = "forms/widgets/choice_input.html"

    def __init__(
        self, attrs: dict[str, Any] | None = None, choices: Any = (), hints: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(attrs, choices)
        self.hints: Mapping[str, Any] = hints or {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the option with its hint, which describes the input."""
        option = super().create_option(name, value, *args, **kwargs)
        option["hint"] = self.hints.get(str(value), "")
        if option["hint"] and option["attrs"].get("id"):
            option["attrs"]["aria-describedby"] = f"{option['attrs']['id']}_hint"
        return option


class RadioChoices(_HintedChoices, RadioSelect):
    """One answer of several."""


class CheckboxChoices(_HintedChoices, CheckboxSelectMultiple):
    """Any number of answers."""
