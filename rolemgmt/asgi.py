"""For servers that speak ASGI. The portal is made for synchronous workers; see wsgi.py."""

import os
from pathlib import Path

from django.core.asgi import get_asgi_application
from dotenv import load_dotenv

load_dotenv(Path(__file__).resolve().parent.parent / ".env")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rolemgmt.settings")

application = get_asgi_application()
