"""What is known of one duty of one unit: whose it is and when it is due, in columns, so that a query can use them."""

from django.conf import settings
from django.db import models
from viewflow.workflow.models import Process


class DutyProcess(Process):
    """One item; the unit is a user, as viewflow assigns tasks to users."""

    unit = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="duties")
    due_at = models.DateTimeField(db_index=True)
