"""`dondoc secrets …`: the secrets that are sealed in the database, their key, and the key of the history's seals."""

import typer

from commands.context import CommandContext, check_sealed, command, now
from commands.options import DryRun, Yes
from models.database.seal_keys import seal_keys_of
from models.database.sealed import named_key
from models.database.secret_keys import keys_of
from models.i18n import Words, _, _n
from workflows.operations.secret_upkeep import SecretCheck, check_secrets, give_up, renew_link_key, rotate, rotate_seals

app = typer.Typer(help="Secrets sealed in the database, and the key outside it.", no_args_is_help=True)
KEPT_APART = _(
    "secrets in the database are sealed; their key is in {place}: keep a copy of it and of seals.key, away from the "
    "back-ups"
)
_TABLES = {
    "account": _("second steps"),
    "webhook": _("webhooks"),
    "installation": _("the installation's own keys"),
    "gateway": _("channels beside mail"),
    "push_subscription": _("browsers that show notifications"),
    "kept_answer": _("answers kept for repeated requests"),
}


def _look(context: CommandContext) -> SecretCheck:
    with context.reading() as session:
        return check_secrets(session.connection())


@command(app, "list", example="dondoc secrets list")
def list_(context: CommandContext) -> None:
    """List what is sealed, with which key, and whether it opens; shows no secret."""
    check, keys = _look(context), keys_of(context.settings)
    rows = [
        {"what": words, "sealed": check.sealed[table], "locked": check.lost[table]} for table, words in _TABLES.items()
    ]
    columns = {"what": _("secrets"), "sealed": _("sealed"), "locked": _("cannot be opened")}
    fault = None if check.fault is None else Words(check.fault.message, **check.fault.facts)
    where = Words(_("key {key}, in {place}"), key=check.key_id or "–", place=keys.place)
    if fault is not None and check.key_id is not None:
        where = Words(_("sealed with the key {key}"), key=check.key_id)  # the fault says whether it is in its place
    data = {"key": check.key_id, "place": keys.place, "fault": fault and context.words(fault), "secrets": rows}
    lines = (where, *([fault] if fault is not None else []))
    context.show(data, context.table(rows, columns), *lines)


@command(app, "rotate", example="dondoc secrets rotate --yes")
def rotate_(context: CommandContext, yes: Yes = False, dry_run: DryRun = False) -> None:
    """Seal everything with a new key; programs may be at work.

    Broken off anywhere nothing is lost: repeat it. The key of before stays behind the new one until the next change.
    Back-ups made before need it: keep a copy with them. With the key in DONDOC_SECRETS_KEY, or on several machines, put
    the new one first everywhere beforehand.
    """
    check_sealed(context)
    keys = keys_of(context.settings)
    with context.reading() as session:
        present = named_key(session.connection())
    warning = Words(
        _("back-ups made until now open with the key {key} alone: keep a copy of {place} for as long as you keep them"),
        key=present,
        place=keys.place,
    )
    question = _("Seal everything with a new key?")
    if not context.may_go_on({"key": present}, warning, yes=yes, dry_run=dry_run, question=question):
        return
    new_key, sealed_count, left = rotate(context.engine, now=now())
    context.show({"key": new_key.id, "sealed": sealed_count, "left": [secret.place for secret in left]})
    context.say(
        _("sealed anew with the key {key}: {count}; it is in {place}"),
        key=new_key.id,
        count=sealed_count,
        place=keys.place,
    )
    for secret in left:
        context.say(_("{secret} could not be opened, and stays as it is"), secret=secret.place)
    if not keys.may_change:
        context.say(_("now take the key {key} away on every machine, and start the programs again"), key=present)


@command(app, "rotate-seals", example="dondoc secrets rotate-seals --yes")
def rotate_seals_(context: CommandContext, yes: Yes = False, dry_run: DryRun = False) -> None:
    """Sign the history's seals with another key from now on; earlier ones are checked with the key of then.

    Broken off anywhere, repeat it. It also replaces a key that is lost. With the key in DONDOC_SEALS_KEY, or on several
    machines, put the new one first everywhere beforehand.
    """
    keys = seal_keys_of(context.settings)
    warning = Words(
        _("seals to come are signed with another key, in {place}: tell those who get checkpoints its public half"),
        place=keys.private.place,
    )
    question = _("Sign seals with another key?")
    if not context.may_go_on({"place": keys.private.place}, warning, yes=yes, dry_run=dry_run, question=question):
        return
    mark = rotate_seals(context.engine, keys, now=now())
    context.show({"public_key": mark.digits, "first_seal": mark.first})
    context.say(
        _("from seal {number} on the public key is {public}; it is in {place}"),
        number=mark.first,
        public=mark.digits,
        place=str(keys.public_file),
    )
    if not keys.private.may_change:
        context.say(_("now take the old key away on every machine, and start the programs again"))


@command(app, "renew-links", example="dondoc secrets renew-links --yes")
def renew_links(context: CommandContext, yes: Yes = False, dry_run: DryRun = False) -> None:
    """Change the installation's own key, which signs links in letters.

    Void from then on: all links in letters sent until now, calendar addresses, codes and invitations under way, and the
    marks of browsers. Nobody is signed out. Running sites follow within a minute.
    """
    warning = context.words(
        _("all links in letters sent until now, calendar addresses, codes and invitations under way become void")
    )
    question = _("Change the installation's key?")
    if not context.may_go_on({"void": warning}, warning, yes=yes, dry_run=dry_run, question=question):
        return
    with context.transaction() as session:
        renew_link_key(session, now=now())
    context.show({"renewed": True})
    context.say(_("the installation has another key: new letters bear new links"))


@command(app, "give-up", example="dondoc secrets give-up --dry-run")
def give_up_(context: CommandContext, yes: Yes = False, dry_run: DryRun = False) -> None:
    """Go on without the secrets that cannot be opened, where the key is lost for good.

    Second steps are turned off, webhooks switched off, the installation's key is another one. What opens stays.
    """
    check, keys = _look(context), keys_of(context.settings)
    check.require_loss()
    preview = {table: check.lost[table] for table in _TABLES}
    question = _("Go on without them?")
    if not context.may_go_on(preview, lost_words(check), yes=yes, dry_run=dry_run, question=question):
        return
    with context.transaction() as session:
        counts = give_up(session, now=now())
    context.show(counts)
    context.say(_("given up: {count}; the key is in {place}"), count=sum(counts.values()), place=keys.place)


def lost_words(check: SecretCheck) -> Words:
    return _n(
        "without the key: {accounts} second steps are turned off (those people sign in with the first step alone "
        "until they set it up again), {count} webhook is switched off (make it anew), and every link in letters, "
        "calendar address and code that was sent is void",
        "without the key: {accounts} second steps are turned off (those people sign in with the first step alone "
        "until they set it up again), {count} webhooks are switched off (make them anew), and every link in letters, "
        "calendar address and code that was sent is void",
        accounts=check.lost["account"],
        count=check.lost["webhook"],
    )
