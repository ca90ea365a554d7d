"""What pages say of the signatures of files, where the room of signatures is installed."""

from collections.abc import Iterable
from typing import Any

from models.rooms import Place
from web.request.site import AtSite

SHOWN: Place[Any] = Place("files.signatures")
"""Gives what is shown of each file, by its hash: of these, at this site, in a language."""


def show_signatures(at: AtSite, language: str, files: Iterable[Any]) -> dict[str, Any]:
    return dict(show(at, language, files)) if (show := SHOWN.only) else {}
