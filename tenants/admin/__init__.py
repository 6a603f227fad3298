"""Parties and mandates in the administration."""

from tenants.admin import appointments, organisations, persons

__all__ = ["appointments", "organisations", "persons"]
