"""The flow, in the words of viewflow's quick start."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.flow import views

from bench.peers.viewflow.models import DutyProcess


class DutyFlow(flow.Flow):
    """Start from code, then a task of the unit's."""

    process_class = DutyProcess
    start = flow.StartHandle(this.start_duty).Next(this.report)
    report = (
        flow.View(views.UpdateProcessView.as_view(fields=[]))
        .Assign(lambda activation: activation.process.unit)
        .Next(this.end)
    )
    end = flow.End()

    def start_duty(self, activation: Any, unit: User, due_at: datetime) -> Any:
        """Fills the process that viewflow is about to save."""
        activation.process.unit, activation.process.due_at = unit, due_at
        return activation.process
