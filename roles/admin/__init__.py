"""The product in the administration."""

from roles.admin import assignments, catalogue, drafts

__all__ = ["assignments", "catalogue", "drafts"]
