"""The pages of the demo services, and the one address that only the portal calls."""
