"""Names in four languages: columns, and one rule for the language that is missing (DOMAIN 5.2)."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

LANGUAGES = ("fr", "nl", "de", "en")


def first_text(texts: dict[str, str], language: str, fallback: tuple[str, ...]) -> tuple[str, str]:
    """Return the text for `language`, else the first one there is by `fallback`, with the language it is in."""
    for candidate in (language, *fallback):
        if texts.get(candidate):
            return texts[candidate], candidate
    return "", language


def current_language() -> str:
    """Return the two letters of the language of this page or letter."""
    return (get_language() or "en")[:2]


class NamedInFourLanguages(models.Model):
    """`name_fr` to `name_en`. At least one is filled, which each heir's constraint states."""

    NAME_FALLBACK: tuple[str, ...] = ("nl", "fr", "de", "en")

    name_fr = models.CharField(_("name (French)"), max_length=200, blank=True)
    name_nl = models.CharField(_("name (Dutch)"), max_length=200, blank=True)
    name_de = models.CharField(_("name (German)"), max_length=200, blank=True)
    name_en = models.CharField(_("name (English)"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def text_in(self, field: str, language: str) -> tuple[str, str]:
        """Return (text, language of the text) of a translated column group such as "name"."""
        texts = {code: getattr(self, f"{field}_{code}") for code in LANGUAGES}
        return first_text(texts, language, self.NAME_FALLBACK)

    def name_in(self, language: str) -> str:
        """Return the name for a reader of `language`."""
        return self.text_in("name", language)[0]

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return self.name_in(current_language())

    @property
    def name_lang(self) -> str:
        """The language `name` is in, or nothing where it is the page's own: for the `lang` attribute."""
        language = self.text_in("name", current_language())[1]
        return "" if language == current_language() else language


def has_a_name(name: str) -> models.CheckConstraint:
    """Return the constraint, under `name`, that one of the four names is filled."""
    empty = models.Q(name_fr="", name_nl="", name_de="", name_en="")
    return models.CheckConstraint(condition=~empty, name=name)
