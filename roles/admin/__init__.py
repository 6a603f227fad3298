"""The product in the administration."""

from roles.admin import assignments, catalogue, drafts, requests

__all__ = ["assignments", "catalogue", "drafts", "requests"]
