"""The pretend identity provider: it stands where the real one will stand, with a face of its own."""
