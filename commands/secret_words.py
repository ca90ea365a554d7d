"""What a lost key costs, in words."""

from models.i18n import Words, _, _n
from workflows.operations.secret_upkeep import SecretCheck

KEPT_APART = _(
    "secrets in the database are sealed; their key is in {place}: keep a copy of it and of seals.key, away from the "
    "back-ups"
)


def lost_words(found: SecretCheck) -> Words:
    return _n(
        "without the key: {accounts} second steps are turned off (those people sign in with the first step alone "
        "until they set it up again), {count} webhook is switched off (make it anew), and every link in letters, "
        "calendar address and code that was sent is void",
        "without the key: {accounts} second steps are turned off (those people sign in with the first step alone "
        "until they set it up again), {count} webhooks are switched off (make them anew), and every link in letters, "
        "calendar address and code that was sent is void",
        accounts=found.lost["account"],
        count=found.lost["webhook"],
    )
