"""The catalogue: online services, the roles they ask for, and the properties of those roles."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.record import Snapshot
from roles.matching import as_written, beginning, words_of
from tenants.acting import Level
from tenants.folding import fold
from tenants.models import Domain
from tenants.names import LANGUAGES, NamedInFourLanguages, current_language, first_text, has_a_name
from tenants.periods import one_of


class OnlineService(NamedInFourLanguages):
    """A government or utility service that asks for roles."""

    NAME_FALLBACK = ("nl", "fr", "en")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    owner_fr = models.CharField(_("owner (French)"), max_length=200, blank=True)
    owner_nl = models.CharField(_("owner (Dutch)"), max_length=200, blank=True)
    owner_de = models.CharField(_("owner (German)"), max_length=200, blank=True)
    owner_en = models.CharField(_("owner (English)"), max_length=200, blank=True)
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, verbose_name=_("domain"))
    url = models.URLField(_("address"), blank=True)

    class Meta:
        verbose_name = _("online service")
        verbose_name_plural = _("online services")
        ordering = ["code"]
        constraints = [has_a_name("online_service_has_a_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def owner(self) -> str:
        """The body that runs the service, in the language of the page."""
        return self.text_in("owner", current_language())[0]


class RoleQuerySet(models.QuerySet["Role"]):
    """Reads of the catalogue."""

    def for_page(self) -> "RoleQuerySet":
        """Return roles with what a page shows of them, in a constant number of queries."""
        return self.select_related("domain").prefetch_related("services", "properties")


class Role(NamedInFourLanguages):
    """What a person may do for an organisation in one or more services. `code` never changes."""

    NAME_FALLBACK = ("nl", "fr", "en")

    code = models.SlugField(_("code"), max_length=60, unique=True)
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, verbose_name=_("domain"))
    services = models.ManyToManyField(OnlineService, related_name="roles", verbose_name=_("online services"))
    description_fr = models.CharField(_("description (French)"), max_length=300, blank=True)
    description_nl = models.CharField(_("description (Dutch)"), max_length=300, blank=True)
    description_de = models.CharField(_("description (German)"), max_length=300, blank=True)
    description_en = models.CharField(_("description (English)"), max_length=300, blank=True)
    tasks_fr = models.TextField(_("what one can do (French)"), blank=True, help_text=_("One per line."))
    tasks_nl = models.TextField(_("what one can do (Dutch)"), blank=True, help_text=_("One per line."))
    tasks_de = models.TextField(_("what one can do (German)"), blank=True, help_text=_("One per line."))
    tasks_en = models.TextField(_("what one can do (English)"), blank=True, help_text=_("One per line."))
    synonyms = models.TextField(_("synonyms"), blank=True, help_text=_("One per line."))
    is_assignable = models.BooleanField(_("can be assigned"), default=True)
    is_requestable = models.BooleanField(_("can be asked for"), default=True)
    is_derived = models.BooleanField(_("follows from the Crossroads Bank"), default=False)
    always_confirm = models.BooleanField(_("always to be confirmed"), default=False)
    max_duration_years = models.PositiveSmallIntegerField(_("longest duration in years"), null=True, blank=True)
    minimum_level = models.PositiveSmallIntegerField(
        _("level of the digital key needed to assign it"), default=Level.SUBSTANTIAL
    )
    grants = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="granted_by", verbose_name=_("grants")
    )
    search_key = models.TextField(editable=False)

    objects = RoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["code"]
        constraints = [
            has_a_name("role_has_a_name"),
            models.CheckConstraint(
                condition=~Q(is_derived=True, is_assignable=True), name="role_derived_is_not_assigned"
            ),
            models.CheckConstraint(
                condition=Q(max_duration_years__isnull=True) | Q(max_duration_years__gte=1),
                name="role_longest_duration_at_least_a_year",
            ),
            models.CheckConstraint(
                condition=Q(minimum_level__gte=100, minimum_level__lte=500), name="role_minimum_level_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it with the key of its own texts; services are added by `refresh_search_key`."""
        self.search_key = self.make_search_key()
        super().save(*args, **kwargs)

    def make_search_key(self) -> str:
        """Return all by which people look for a role, folded: code, names, descriptions, tasks, synonyms, services."""
        texts = [self.code, self.code.replace("_", " "), self.synonyms]
        for language in LANGUAGES:
            texts += [getattr(self, f"{field}_{language}") for field in ("name", "description", "tasks")]
        if self.pk:
            for service in self.services.all():
                texts.append(service.code)
                for language in LANGUAGES:
                    texts += [getattr(service, f"name_{language}"), getattr(service, f"owner_{language}")]
        return " ".join(dict.fromkeys(fold(text) for text in texts if text))

    def refresh_search_key(self) -> None:
        """Compute the search key again after its services changed."""
        self.save(update_fields=["search_key"])

    @property
    def search_words(self) -> list[str]:
        """The folded words by which people look it up, each once; of a code also what follows each "_"."""
        words = words_of(self.search_key)
        parts = [word.split("_") for word in words if "_" in word]
        tails = ["_".join(rest[start:]) for rest in parts for start in range(1, len(rest))]
        return list(dict.fromkeys([*words, *tails]))

    def matches(self, words: list[str]) -> bool:
        """Whether every word, as `words_of` returns them, begins one by which people look it up."""
        known = self.search_words
        return all(beginning(word, known) for word in as_written(words, known))

    @property
    def description(self) -> str:
        """What the role lets one do, in the language of the page."""
        return self.description_in(current_language())

    def description_in(self, language: str) -> str:
        """Return the description for a reader of `language`."""
        return self.text_in("description", language)[0]

    @property
    def tasks(self) -> list[str]:
        """What one may want to do that takes this role, in the language of the page; its description at the least."""
        lines = self.text_in("tasks", current_language())[0].splitlines()
        return [line.strip() for line in lines if line.strip()] or [self.description or self.name]

    @property
    def owner(self) -> str:
        """The body that owns its first service."""
        services = sorted(self.services.all(), key=lambda service: service.code)
        return services[0].owner if services else ""

    def audit_snapshot(self) -> Snapshot:
        """Return what an audit row keeps of it."""
        return Snapshot("role", self.code, self.name_in("fr"))


class PropertyKind(models.TextChoices):
    """The form of the answer."""

    YES_NO = "yes_no", _("yes or no")
    CHOICE = "choice", _("one of several answers")
    CHOICES = "choices", _("several answers")
    TEXT = "text", _("text")


class RoleProperty(models.Model):
    """A question that is asked when a role is given; the service reads the answer with the role."""

    Kind = PropertyKind
    TEXT_LENGTH = 200

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="properties", verbose_name=_("role"))
    code = models.SlugField(_("code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=10, choices=PropertyKind)
    label_fr = models.CharField(_("label (French)"), max_length=200)
    label_nl = models.CharField(_("label (Dutch)"), max_length=200)
    label_de = models.CharField(_("label (German)"), max_length=200)
    label_en = models.CharField(_("label (English)"), max_length=200)
    hint_fr = models.CharField(_("hint (French)"), max_length=300, blank=True)
    hint_nl = models.CharField(_("hint (Dutch)"), max_length=300, blank=True)
    hint_de = models.CharField(_("hint (German)"), max_length=300, blank=True)
    hint_en = models.CharField(_("hint (English)"), max_length=300, blank=True)
    is_required = models.BooleanField(_("must be answered"), default=True)
    options = models.JSONField(
        _("answers"),
        default=list,
        blank=True,
        help_text=_('For choices: a list of {"code": …, "fr": …, "nl": …, "de": …, "en": …}.'),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("role property")
        verbose_name_plural = _("role properties")
        ordering = ["role_id", "position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["role", "code"], name="role_property_code_once"),
            one_of("kind", PropertyKind, "role_property_kind_known"),
        ]

    def __str__(self) -> str:
        return self.label_in(current_language())

    def clean(self) -> None:
        """Refuse answers that do not fit the kind."""
        needs_options = self.kind in (PropertyKind.CHOICE, PropertyKind.CHOICES)
        well_formed = isinstance(self.options, list) and all(
            isinstance(option, dict) and option.get("code") for option in self.options
        )
        if not well_formed or needs_options != bool(self.options):
            raise ValidationError({"options": _("Give answers, each with a code, for choices only")})

    def label_in(self, language: str) -> str:
        """Return the question for a reader of `language`."""
        texts = {code: getattr(self, f"label_{code}") for code in LANGUAGES}
        return first_text(texts, language, Role.NAME_FALLBACK)[0]

    @property
    def label(self) -> str:
        """The question in the language of the page."""
        return self.label_in(current_language())

    @property
    def hint(self) -> str:
        """The plain words under the question."""
        texts = {code: getattr(self, f"hint_{code}") for code in LANGUAGES}
        return first_text(texts, current_language(), Role.NAME_FALLBACK)[0]

    def option_label(self, code: str, language: str) -> str:
        """Return the words of one answer; its code where the catalogue no longer has it."""
        for option in self.options:
            if option["code"] == code:
                return first_text(option, language, Role.NAME_FALLBACK)[0] or code
        return code

    def accepts(self, answer: Any) -> bool:
        """Whether this is an answer to the question; None and nothing are, where it need not be answered."""
        if answer is None or answer == "" or answer == []:
            return not self.is_required
        codes = {option["code"] for option in self.options}
        match self.kind:
            case PropertyKind.YES_NO:
                return isinstance(answer, bool)
            case PropertyKind.CHOICE:
                return answer in codes
            case PropertyKind.CHOICES:
                return isinstance(answer, list) and set(answer) <= codes
            case _text:
                return isinstance(answer, str) and len(answer) <= self.TEXT_LENGTH

    def answer_in_words(self, answer: Any, language: str) -> str:
        """Return an answer as people read it. Nothing answered gives nothing."""
        if answer is None or answer == "" or answer == []:
            return ""
        if self.kind == PropertyKind.YES_NO:
            return str(_("Yes") if answer else _("No"))
        if self.kind == PropertyKind.TEXT:
            return str(answer)
        codes = answer if isinstance(answer, list) else [answer]
        return ", ".join(self.option_label(code, language) for code in codes)
