"""What gunicorn loads for the demo services."""

import os

from django.core.wsgi import get_wsgi_application

# Not setdefault: whoever starts this beside the portal has the portal's settings in the environment.
os.environ["DJANGO_SETTINGS_MODULE"] = "rolemgmt.demo.services.settings"

application = get_wsgi_application()
