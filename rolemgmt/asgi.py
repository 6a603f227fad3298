"""For servers that speak ASGI. The portal is made for synchronous workers; see wsgi.py."""

import os

from django.core.asgi import get_asgi_application
from dotenv import load_dotenv

from rolemgmt.dotenv_file import env_file

load_dotenv(env_file())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rolemgmt.settings")

application = get_asgi_application()
