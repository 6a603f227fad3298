"""QR codes as inline pictures without styles, dark on light in every scheme: cameras read them that way round."""

import segno
from django.utils.safestring import SafeString, mark_safe

# Modules of quiet around the picture (ISO/IEC 18004).
_QUIET = 4


def qr_svg(text: str) -> SafeString:
    """Return the QR code of a text as SVG. The text beside it says the same: it is hidden from screen readers."""
    code = segno.make(text, error="m", micro=False)
    width, height = code.symbol_size(border=_QUIET)
    drawn = code.svg_inline(border=_QUIET, omitsize=True, light="#fff", svgclass="qr", lineclass=None)
    return mark_safe(  # noqa: S308 - drawn from modules, the text itself is not in it
        drawn.replace(
            "<svg ", f'<svg aria-hidden="true" focusable="false" width="{width * 6}" height="{height * 6}" ', 1
        )
    )
