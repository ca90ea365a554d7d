"""Each alert that an administrator may get has its section in docs/runbook.md, and no section is of none."""

import re
from pathlib import Path

from models.operations.alert import AlertKind

PAGE = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text(encoding="utf-8")


def test_every_alert_has_its_section_with_what_it_means_and_what_to_do() -> None:
    sections = dict(re.findall(r"^## ([a-z_]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
    assert set(sections) == {kind.value for kind in AlertKind}
    for name, words in sections.items():
        assert all(one in words for one in ("**Means**", "**Look**", "**Do**")), name
