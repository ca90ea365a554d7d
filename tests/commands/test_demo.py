"""What the demo takes over from the installation's settings."""

from pathlib import Path

import pytest

from commands.demo import _settings
from models.settings import Settings


@pytest.mark.parametrize(
    ("given", "links"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"port": 8761}, "http://127.0.0.1:8761"),
        ({"port": 8761, "host": "0.0.0.0"}, "http://127.0.0.1:8761"),
        ({"port": 8761, "base_url": "https://dondoc.example.vn"}, "https://dondoc.example.vn"),
    ],
)
def test_links_of_the_demos_letters_lead_to_the_site_that_it_serves(
    tmp_path: Path, given: dict[str, object], links: str
) -> None:
    assert _settings(Settings(data=tmp_path, **given)).base_url == links  # type: ignore[arg-type]
