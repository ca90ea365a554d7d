"""Started by the bench in the peers' environment, with DONDOC_BENCH_DATABASE; answers turns on standard output."""

import os
import sys
from datetime import UTC, datetime, timedelta

import django
from django.core.management import call_command

from bench.peers.turns import WARM_UP, answer_turns

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.peers.viewflow.settings"
django.setup()

from django.contrib.auth.models import User  # noqa: E402  # models need the settings first
from viewflow.workflow.models import Process, Task  # noqa: E402
from viewflow.workflow.status import STATUS  # noqa: E402

from bench.peers.viewflow.flows import DutyFlow  # noqa: E402
from bench.peers.viewflow.models import DutyProcess  # noqa: E402

DUE_AT = datetime(2004, 6, 30, 16, 59, 59, tzinfo=UTC)
NOW = DUE_AT + timedelta(days=14)


def main(units: int) -> None:
    """The register of units is there beforehand, as ours is."""
    call_command("migrate", verbosity=0)
    User.objects.bulk_create([User(username=f"DN-{n:05d}") for n in range(max(units, WARM_UP))])
    users = list(User.objects.order_by("username"))

    def start(items: int) -> None:
        for user in users[:items]:
            DutyFlow.start.run(unit=user, due_at=DUE_AT)  # viewflow's own transaction

    answer_turns(["django-viewflow", "Django"], _empty, start, _overdue)


def _overdue() -> int:
    late = (
        Task.objects.filter(flow_task=DutyFlow.report, status=STATUS.ASSIGNED, process__dutyprocess__due_at__lt=NOW)
        .order_by("owner__username")
        .values("pk", "status", "created", "owner__username", "process__dutyprocess__due_at")
    )
    return len(list(late))


def _empty() -> None:
    for model in (Task.previous.through, Task, DutyProcess, Process):
        rows = model.objects.all()
        rows._raw_delete(rows.db)  # not what is measured: without collecting what hangs on each


if __name__ == "__main__":
    main(int(sys.argv[1]))
