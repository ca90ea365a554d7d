"""`dondoc template …`: what is printed for other programs."""

import json
from pathlib import Path

from tests.commands.terminal import Cli
from workflows.templates.pack_file import template_schema


def test_the_schema_is_printed_as_json_that_an_editor_reads(cli: Cli, folder: Path) -> None:
    assert json.loads(cli("template", "schema").out) == template_schema()
