"""The look-up interface: services ask, without any person there, who holds which of their roles (django-ninja)."""
