"""What page templates may know of digital keys."""

from django import template
from django.template.context import Context

from csam.own_keys import keys_of

register = template.Library()


@register.simple_tag(takes_context=True)
def keys_that_reach(context: Context, level: int) -> str:
    """Return the names of the keys with which this person reaches a level; an empty text where there is none."""
    person = context["request"].acting.person
    return ", ".join(key.title for key in keys_of(person) if key.level >= level)
