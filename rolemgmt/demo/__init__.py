"""The demonstration: invented organisations and people, and what they have given each other."""
