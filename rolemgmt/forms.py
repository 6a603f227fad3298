"""How forms are drawn: our own field group, no `required` attribute, ids that screen readers can follow."""

from typing import Any

from django.forms import BoundField, RadioSelect, Widget
from django.forms.renderers import TemplatesSetting


class PortalBoundField(BoundField):
    """A field as the portal draws it."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        """Return the attributes of the input.

        No `required`: the browser's own message would come before ours, in the browser's language (SCREENS 1.3).
        No `aria-invalid` on single radio buttons: ARIA has it for the group only, and the group names its error.
        """
        built = super().build_widget_attrs(attrs, widget)
        built.pop("required", None)
        if isinstance(widget or self.field.widget, RadioSelect):
            built.pop("aria-invalid", None)
        return built


class PortalFormRenderer(TemplatesSetting):
    """Draws forms with templates/forms/; named in the setting FORM_RENDERER."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = PortalBoundField
