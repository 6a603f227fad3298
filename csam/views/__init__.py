"""The portal's own pages about signing in, and the profile."""
