"""The product in the administration."""

from roles.admin import assignments, catalogue, drafts, invitations, requests

__all__ = ["assignments", "catalogue", "drafts", "invitations", "requests"]
