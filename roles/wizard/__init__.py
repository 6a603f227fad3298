"""The assignment wizard: five questions, each a page, over one draft row (SCREENS 3)."""
