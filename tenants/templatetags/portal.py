"""What page templates use: the validity bar, tags, dates, numbers, the navigation, links to what is wrong."""

from dataclasses import dataclass
from datetime import date

from django import template
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tenants.date_field import PARTS, DateTripleWidget
from tenants.identifiers import format_enterprise_number
from tenants.names import NamedInFourLanguages

register = template.Library()

# --- Validity bar (SCREENS 9) --------------------------------------------------------------------------------------

_YEARS_BACK, _YEARS_AHEAD = 1, 2
_TODAY_AT = "33.3"  # always at one third
_KINDS = {
    "active": "now",
    "scheduled": "next",
    "to_confirm": "next",
    "expired": "past",
    "ended": "past",
    "refused": "past",
    "cancelled": "past",
}


def _years_from(day: date, years: int) -> date:
    """Return the same day `years` later (or earlier); 29 February becomes 28 where it must."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def validity_window(today: date) -> tuple[date, date]:
    """Return the first and the last day the bars show: one year back to two years ahead."""
    return _years_from(today, -_YEARS_BACK), _years_from(today, _YEARS_AHEAD)


def _position(day: date, today: date) -> float:
    """Return where `day` lies on the rail, 0 to 100, so that today is at exactly one third."""
    first, last = validity_window(today)
    third = 100 / 3
    if day <= today:
        return max(0.0, third * (day - first).days / (today - first).days)
    return min(100.0, third + (100 - third) * (day - today).days / (last - today).days)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


@register.simple_tag
def validity_bar(start: date | None, end: date | None, kind: str, today: date) -> SafeString:
    """Draw from when to when a role lasts: the same as the dates beside it, for the eye.

    `start` None means from today; `end` (its last day) None means without end. `kind` is a status of SCREENS 6 or
    one of now, next, past. An unknown kind raises KeyError.
    """
    css = kind if kind in {"now", "next", "past"} else _KINDS[kind]
    left = _position(start or today, today)
    right = _position(end, today) if end else 100.0
    bar = ""
    if right > left or 0 < left < 100:
        left = min(left, 99.0)
        width = max(right - left, 1.0)  # one day is narrower than a hair, yet must be seen
        bar = f'<rect class="{css}" x="{_number(left)}" y="1.5" width="{_number(width)}" height="7"/>'
    return mark_safe(  # noqa: S308  built from numbers and our own words only
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<path class="rail" d="M0 5H100"/>{bar}'
        f'<path class="halo" d="M{_TODAY_AT} 0V10"/><path class="today" d="M{_TODAY_AT} 0V10"/></svg>'
    )


@register.simple_tag
def validity_legend(today: date) -> str:
    """Return the line above a table that explains its bars."""
    first, last = validity_window(today)
    return _("The vertical line is today. The bar shows how long the role lasts, from %(first)s to %(last)s.") % {
        "first": date_format(first, "YEAR_MONTH_FORMAT"),
        "last": date_format(last, "YEAR_MONTH_FORMAT"),
    }


# --- Page frame ---------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def block_again(context: Context, name: str) -> SafeString:
    """Render the block `name` once more: the H1 of a page says what its title says.

    A block may stand only once in a template; this renders what the page put into it a second time.
    """
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return mark_safe(block.render(context))  # noqa: S308  rendered by the engine, escaped there


# --- Words and numbers ---------------------------------------------------------------------------------------------

TAG_COLOURS = frozenset({"green", "amber", "blue", "indigo", "grey"})


@register.simple_tag
def tag(label: str, colour: str) -> SafeString:
    """Draw a label such as a status. `colour` is one of TAG_COLOURS; anything else raises ValueError."""
    if colour not in TAG_COLOURS:
        raise ValueError(f"no tag is {colour!r}")
    return format_html('<span class="tag tag-{}">{}</span>', colour, label)


@register.filter
def named(thing: NamedInFourLanguages) -> SafeString:
    """Return the name of an organisation or a role, marked with its language where it is not the page's (WCAG 3.1.2).

    For text inside other text, hidden or not. Where an element stands around the name, `lang` belongs on that.
    """
    return (
        format_html('<span lang="{}">{}</span>', thing.name_lang, thing.name) if thing.name_lang else escape(thing.name)
    )


@register.simple_tag
def short_date(day: date | None) -> str:
    """Return 21/11/2026 (de 21.11.2026), or nothing for no day. For tables; elsewhere dates are written out."""
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


@register.simple_tag
def draft_hours() -> int:
    """Return how long a draft is kept after its last change (setting DRAFT_HOURS)."""
    return int(settings.DRAFT_HOURS)


@register.filter
def unbroken(text: str) -> SafeString:
    """Keep a reference on one line: AR-2026-000053-1 is not two words."""
    return format_html('<span class="unbroken">{}</span>', text)


@register.filter
def enterprise_number(digits: str) -> str:
    """Return 0999.999.922 for ten bare digits."""
    return format_enterprise_number(digits)


@register.filter
def page_numbers(page: Page) -> list[int | None]:
    """Return the pages to offer, 1 2 3 … 13: the ends and those around this one; None for what is left out."""
    offered = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in offered]


# --- Navigation ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NavItem:
    """One link of the service navigation; `current` is the value of aria-current, or empty."""

    label: str
    url: str
    current: str


# The first page leads to these: below them it is the parent, whatever is shown there, a refusal too.
_BELOW_TASKS = (
    "/access-managers/",
    "/assignments/new/",
    "/history/",
    "/invitation/",
    "/invitations/",
    "/requests/",
)


@register.simple_tag(takes_context=True)
def service_nav(context: Context) -> list[NavItem]:
    """Return the links this person has. A page that is not built is not shown.

    The current one is the page itself ("page") or, on its sub-pages, their parent ("true"): the one whose address
    begins the page's own, unless a view names it in the context as `nav` (tasks, my_roles or assignments).
    """
    request = context["request"]
    parent = context.get("nav") or ("tasks" if request.path.startswith(_BELOW_TASKS) else "")
    entries = [("tasks", "roles:home", _("My open tasks")), ("my_roles", "roles:my_roles", _("My role assignments"))]
    if request.acting.is_manager:
        entries.append(("assignments", "roles:assignments", _("Manage assignments")))
    items = []
    for name, view, label in entries:
        try:
            url = reverse(view)
        except NoReverseMatch:
            continue
        if request.path == url:
            current = "page"
        elif parent == name or (not parent and url != "/" and request.path.startswith(url)):
            current = "true"
        else:
            current = ""
        items.append(NavItem(label, url, current))
    return items


@register.filter
def get(values: dict[str, str], name: str) -> str:
    """Return what stands under a name, nothing where nothing does."""
    return values.get(name, "")


# --- Errors --------------------------------------------------------------------------------------------------------


@register.filter
def at(errors: list[tuple[str, str]] | None, href: str) -> list[str]:
    """Return the lines of an error list that lead to one place of the page, to be said there as well."""
    return [text for target, text in errors or () if target == href]


def _target(field: BoundField, errors: list[ValidationError]) -> str:
    """Return the id of the input to go to: the first radio button, the first date part that is wrong."""
    if isinstance(field.field.widget, DateTripleWidget):
        parts = (errors[0].params or {}).get("parts", PARTS) if errors else PARTS
        return f"{field.auto_id}_{parts[0]}"
    return field.id_for_label or f"{field.auto_id}_0"


@register.filter
def error_links(form: BaseForm) -> list[tuple[str, str]]:
    """Return (address on this page, text) for each error of `form`, in the order of the page.

    Errors of the form as a whole have no address.
    """
    links = [("", str(text)) for text in form.non_field_errors()]
    for field in form:
        errors = form.errors.get(field.name)
        if errors:
            href = f"#{_target(field, errors.as_data())}"
            links.extend((href, str(text)) for text in errors)
    return links
