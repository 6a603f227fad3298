"""The pages of the pretend identity provider (SCREENS S2a to S2e)."""
