"""The product in the administration."""

from roles.admin import assignments, catalogue, drafts, invitations

__all__ = ["assignments", "catalogue", "drafts", "invitations"]
