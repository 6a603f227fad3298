"""Signing in with a real provider by OpenID Connect. This file stays empty: the settings import `csam.oidc.config`."""
