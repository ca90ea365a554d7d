"""An image holds the program and nothing of the folder in which it is built: no data, no keys, no environment."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_an_image_is_built_of_what_the_package_is_built_of() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", "requirements.lock", project["project"]["readme"]}
    needed |= {*wheel["only-include"], *wheel["force-include"]}
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*", "nothing is taken along but what is named"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == needed
    assert {rule for rule in rules[1:] if not rule.startswith("!")} == {"**/__pycache__"}
