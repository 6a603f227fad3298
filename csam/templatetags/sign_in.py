"""What page templates may know of digital keys."""

from django import template

from csam.keys import available_keys

register = template.Library()


@register.simple_tag
def keys_that_reach(level: int) -> str:
    """Return the names of the keys with which one reaches a level here; an empty text where there is none."""
    return ", ".join(key.title for key in available_keys() if key.level >= level)
