"""Every path and dotted module that a page names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOPS = "models|notifications|workflows|web|commands|tests|bench|docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(rf"(?<![\w/.-])(?:{TOPS})/[\w./-]*[\w/]|(?<![\w/.-])[\w/-]+\.py\b")
_DOTTED = re.compile(rf"(?<![\w/.-])(?:{TOPS})(?:\.[A-Za-z_]\w*)+")
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
SUFFIXES = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py") if ".venv" not in path.parts]


def _path_is_there(name: str) -> bool:
    return (ROOT / name).exists() or any(f"/{one}".endswith(f"/{name}") for one in SUFFIXES)


def _module_is_there(name: str) -> bool:
    """Whether a module, or a name within one, is there: the first part that is no folder must be a file."""
    home = ROOT
    for part in name.split("."):
        if (home / f"{part}.py").exists():
            return True
        if not (home / part).is_dir():
            return home != ROOT and re.search(rf"\b{part}\b", (home / "__init__.py").read_text("utf-8")) is not None
        home /= part
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_everything_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    code = [part for part in _CODE.findall(text) if not set(part) & set("{<*…")]
    missing = [name for part in code for name in _PATH.findall(part) if not _path_is_there(name)]
    missing += [
        name
        for part in code
        for name in _DOTTED.findall(part)
        if not name.endswith((".py", ".md", ".json", ".svg", ".toml")) and not _module_is_there(name)
    ]
    missing += [link for link in _LINK.findall(text) if not (page.parent / link).exists()]
    assert missing == []
