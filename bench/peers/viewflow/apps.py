"""The Django application of the bench."""

from django.apps import AppConfig


class Duties(AppConfig):
    """Holds the process of one duty of one unit."""

    name = "bench.peers.viewflow"
    label = "duties"
