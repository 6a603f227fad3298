"""What gunicorn loads. A malformed setting raises here, so the server does not start."""

import os

from django.core.wsgi import get_wsgi_application
from dotenv import load_dotenv

from rolemgmt.dotenv_file import env_file

load_dotenv(env_file())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rolemgmt.settings")

application = get_wsgi_application()
