"""The application for a WSGI server: `gunicorn wsgi:app`."""

from kcs.app import create_app
from kcs.collecting import keep_what_is_loaded

app = create_app()
keep_what_is_loaded()
