"""Two pretend online services that rely on the portal: real OpenID Connect clients of the real protocol.

They are a project of their own, served by a process of their own on a port of their own. They have no database, import
nothing of the portal, and know of it only what its discovery document says. `manage.py demo` starts them.
"""
