"""The least of a Django project that viewflow's installation asks for; its database as the product opens its own."""

import os
from typing import Any

_URL = os.environ["DONDOC_BENCH_DATABASE"]


def _database() -> dict[str, Any]:
    if _URL.startswith("sqlite:///"):
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000"
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": _URL.removeprefix("sqlite:///"),
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": pragmas},
        }
    from psycopg.conninfo import conninfo_to_dict

    told = conninfo_to_dict(_URL)
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{ours: told[theirs] for ours, theirs in _NAMES.items() if told.get(theirs)},
        "CONN_MAX_AGE": None,
    }


_NAMES = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}

SECRET_KEY = "nothing here is served"
USE_TZ = True
DEBUG = False  # with it, Django keeps every statement
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "viewflow",
    "viewflow.workflow",
    "bench.peers.viewflow.apps.Duties",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": _database()}
