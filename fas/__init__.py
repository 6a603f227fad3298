"""The federal authentication service of the portal: an OpenID Connect provider for the services that rely on it."""
