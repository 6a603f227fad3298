"""Inviting people in four steps, over one draft row (SCREENS S17)."""
