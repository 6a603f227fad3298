"""How dates and hours are written in each language (SCREENS, 1.5)."""
