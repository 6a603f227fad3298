"""What a page of the wizard knows: the draft, what was chosen, and which step comes first that has no answer."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from django.urls import reverse

from roles.models import AssignmentDraft, DraftPerson, DraftRole
from roles.order import AssignmentOrder, OrderedRole
from roles.rows import first_names_in_a_row
from roles.rules import may_manage_organisation
from tenants.acting import ActingContext
from tenants.models import Organisation, Person
from tenants.periods import local_day

NAMED = 5
STEPS = ("persons", "organisation", "roles", "properties", "review")


@dataclass
class WizardState:
    """A draft as its owner sees it now. Reads lazily, each thing once."""

    draft: AssignmentDraft
    acting: ActingContext
    now: datetime
    return_to_review: bool = field(default=False)

    @property
    def today(self) -> date:
        """The day in Brussels."""
        return local_day(self.now)

    @cached_property
    def chosen_persons(self) -> list[DraftPerson]:
        """The people chosen in step 1, with how each was found."""
        return list(self.draft.chosen_persons.select_related("person"))

    @cached_property
    def persons(self) -> list[Person]:
        """The people chosen in step 1."""
        return [row.person for row in self.chosen_persons]

    def forget_persons(self) -> None:
        """Read the people anew, once the draft has changed."""
        for name in ("chosen_persons", "persons"):
            self.__dict__.pop(name, None)

    @property
    def persons_in_words(self) -> str:
        """The names of the people: all up to five, then how many more."""
        return first_names_in_a_row(self.persons, NAMED)

    @cached_property
    def chosen_roles(self) -> list[DraftRole]:
        """The roles chosen in step 3, with their answers, services and questions."""
        return list(
            self.draft.chosen_roles.select_related("role", "role__domain").prefetch_related(
                "role__services", "role__properties"
            )
        )

    @property
    def manageable(self) -> list[Organisation]:
        """The organisations for which roles can be given."""
        return [row for row in self.acting.managed if not row.is_stopped]

    @property
    def has_one_organisation(self) -> bool:
        """Whether step 2 answers itself. Not when another one was chosen before and is lost: that has to be seen."""
        return len(self.acting.managed) == 1 and self.draft.organisation_id in (None, self.acting.managed[0].pk)

    @property
    def organisation(self) -> Organisation | None:
        """The organisation of step 2: chosen, or the only one there is. None while the question is open.

        One that is lost meanwhile counts as not chosen.
        """
        if self.has_one_organisation:
            return next(iter(self.manageable), None)
        chosen = self.draft.organisation_id
        return next((row for row in self.manageable if row.pk == chosen), None)

    @property
    def chosen_organisation(self) -> Organisation:
        """The organisation, on the pages after step 2, which the gate opens only once there is one."""
        if self.organisation is None:
            raise RuntimeError("step 2 has no answer yet")
        return self.organisation

    @property
    def has_lost_organisation(self) -> bool:
        """Whether the organisation chosen before can no longer be chosen."""
        return self.draft.organisation_id is not None and self.organisation is None

    @property
    def first_open_step(self) -> str:
        """The first step without an answer; "review" when all have one."""
        if not self.persons:
            return "persons"
        if self.organisation is None or may_manage_organisation(self.acting, self.organisation) is not None:
            return "organisation"
        if not self.chosen_roles:
            return "roles"
        if not self.draft.properties_answered or not self.draft.duration:
            return "properties"
        return "review"

    def may_open(self, step: str) -> bool:
        """Whether every step before this one has an answer."""
        return STEPS.index(step) <= STEPS.index(self.first_open_step)

    def url(self, step: str) -> str:
        """Return the address of a step; step 1 is a page of its own for each way in."""
        if step == "persons" and self.draft.variant == AssignmentDraft.Variant.NUMBER:
            step = "number"
        return reverse(f"roles:wizard_{step}", args=[self.draft.key])

    def url_after(self, step: str) -> str:
        """Return where "Next step" leads: the next page with a question, or back to the check page."""
        following = STEPS[STEPS.index(step) + 1]
        if self.return_to_review:
            following = self.first_open_step
        if following == "organisation" and self.has_one_organisation:
            following = "roles"
        return self.url(following)

    def url_before(self, step: str) -> str:
        """Return where "Back" leads."""
        if self.return_to_review:
            return self.url("review")
        if step == "persons":
            return reverse("roles:home")
        previous = STEPS[STEPS.index(step) - 1]
        if previous == "organisation" and self.has_one_organisation:
            previous = "persons"
        return self.url(previous)

    @property
    def valid_from(self) -> date:
        """The first day: today, or the date chosen."""
        if self.draft.start == AssignmentDraft.Start.DATE and self.draft.valid_from:
            return self.draft.valid_from
        return self.today

    def order(self) -> AssignmentOrder:
        """Return what the draft asks for. Only when every step has an answer."""
        return AssignmentOrder(
            assignees=tuple(self.persons),
            organisation=self.chosen_organisation,
            roles=tuple(OrderedRole(row.role, row.properties) for row in self.chosen_roles),
            valid_from=self.valid_from,
            valid_until=None if self.draft.duration == AssignmentDraft.Duration.UNLIMITED else self.draft.valid_until,
            message=self.draft.message,
        )
