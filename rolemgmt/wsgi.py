"""What gunicorn loads. A malformed setting raises here, so the server does not start."""

import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application
from dotenv import load_dotenv

load_dotenv(Path(__file__).resolve().parent.parent / ".env")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rolemgmt.settings")

application = get_wsgi_application()
