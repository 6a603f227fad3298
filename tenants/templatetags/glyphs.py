"""Small drawings beside words that say the same: our own strokes, nobody's logo (SCREENS 9 and 12)."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# Single strokes on a square of 24.
_CARD = "M4 5h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V7c0-1.1.9-2 2-2Z"
_PHONE = "M8 2h8a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V4c0-1.1.9-2 2-2Z"
GLYPHS = {
    "eid": f"{_CARD}m2 4.5h4v3H6ZM14 10h4M14 14h4M6 16h5",
    "itsme": f"{_PHONE}m1 9.5 2 2 4-4.5M11 18.5h2",
    "email": f"{_CARD}M2.5 7 12 13.5 21.5 7",
    "app": f"{_PHONE}m1.5 7v5m2.5-5v5m2.5-5v5M11 18.5h2",
    "oidc": "M15 3h4a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2h-4M3 12h12m-4-4 4 4-4 4",
    "assign": "M10 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM3 20c.5-4 3.2-6 7-6s6.5 2 7 6M19 8v6m-3-3h6",
    "roles": f"{_CARD}M6 10h5m-5 4h5m3.5-2 2 2 3-3.5",
    "approve": "M12 2.5a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19ZM7.5 12.5l3 3 6-7",
    "invite": f"{_CARD}M2.5 7 12 13.5 21.5 7",
}


@register.simple_tag
def glyph(name: str) -> SafeString:
    """Draw one of GLYPHS. The words beside it say the same, so it is hidden from readers. Another name: KeyError."""
    return format_html(
        '<svg class="glyph" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        GLYPHS[name],
    )
