"""One setting chooses the database; the commands are the same."""

import pytest

from tests.commands.terminal import Cli


def test_the_story_goes_the_same_way_on_either_database(
    cli: Cli, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_DATABASE_URL", database_url)
    assert cli.json("init", "--example")["units"] == 55
    assert cli.json("init", "--example")["changed"] is False
    assert cli.json("launch", "ct-06-2004", "--duty", "4", "--on", "2004-05-17")["created"] == 1
    task = cli.task("4")
    assert cli.json("tick", "--now", "2004-05-17T08:00")["sent"] == 3
    letters = cli.json("outbox", "list", "--state", "sent", "--limit", 2)
    assert [letter["rungs"] for letter in letters] == [["assigned@0"], ["assigned@0"]]
    assert "mục 4" in cli.json("outbox", "show", letters[0]["short_id"])["text"]
    cli.json("task", "act", task["short_id"], "accept", "--as", "luong.thi.ngan", "--now", "2004-05-18")
    assert len(cli.json("task", "show", task["short_id"])["history"]) == 2
    assert cli.json("task", "list", "--status", "overdue") == []
    assert cli.json("report", "--cutoff", "2004-06-30")["no_deadline"] == 1
