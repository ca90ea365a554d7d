"""`dondoc reply`: what came of each reply, and messages read by hand, once."""

from pathlib import Path

from tests.commands.terminal import Cli
from tests.reply_samples import reply
from tests.rooms import of_room

pytestmark = of_room("replies")


def test_messages_are_read_by_hand_once_and_listed(cli: Cli, tmp_path: Path) -> None:
    cli.json("init", "--example")
    folder = tmp_path / "given"
    folder.mkdir()
    for number in range(2):
        message = reply("reply@mpt.example", "x", sender="a@b.example", message_id=f"<{number}@b.example>")
        (folder / f"{number}.eml").write_bytes(message)
    assert cli.json("reply", "read", str(folder))["replies"] == 2
    assert cli.json("reply", "read", str(folder / "0.eml"))["replies"] == 1
    rows = cli.json("reply", "list")
    assert [(one["state"], one["why"], one["sender"]) for one in rows] == [("aside", "no_token", "a@b.example")] * 2
    assert cli.json("reply", "list", "--state", "waits") == []
    assert len(list(folder.glob("*.eml"))) == 2, "they stay where they are"


def test_what_cannot_be_is_named(cli: Cli, tmp_path: Path) -> None:
    cli.json("init", "--example")
    assert cli("reply", "list", "--state", "x").code == 2
    missing = cli("reply", "read", str(tmp_path / "none.eml"))
    assert missing.code == 2 and "none.eml" in missing.err
