"""`dondoc deploy`: tells Prefect what workers can be handed; again after an upgrade or a change of settings."""

from commands.background import reach_prefect
from commands.context import CommandContext, command, front
from models.i18n import _


@command(front, "deploy", example="dondoc deploy", ready=False)
def deploy(context: CommandContext) -> None:
    """Register pool, queues, deployments, limits and watches with Prefect; a repeat changes nothing.

    To be run once, and again after an upgrade or a change of `work_pool` or `bulk_at_once`.
    """
    remote = reach_prefect(context.settings)
    remote.need()
    from workflows.jobs.prefect.deployment import (
        deploy as register_all,  # slow to import, and only once its settings are set
    )

    done = register_all(context.settings, remote)
    columns = {"kind": _("kind"), "name": _("name"), "did": _("outcome")}
    kinds = {
        "work pool": _("work pool"),
        "queue": _("queue"),
        "deployment": _("deployment"),
        "limit": _("limit"),
        "automation": _("automation"),
    }
    rows = [{"kind": context.words(kinds[one.kind]), "name": one.name, "did": context.words(one.did)} for one in done]
    context.show(done, context.table(rows, columns, whole=("name",)))
