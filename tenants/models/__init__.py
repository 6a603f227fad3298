"""Parties and mandates: who exists, and who may manage whom."""

from tenants.models.appointment import AccessManagerAppointment, Domain
from tenants.models.organisation import EstablishmentUnit, Organisation, OrganisationNameKey
from tenants.models.person import Employment, Person, RegisteredPerson

__all__ = [
    "AccessManagerAppointment",
    "Domain",
    "Employment",
    "EstablishmentUnit",
    "Organisation",
    "OrganisationNameKey",
    "Person",
    "RegisteredPerson",
]
