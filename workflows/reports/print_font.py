"""The font of papers and of charts in print: it has every stacked Vietnamese letter, and comes with us."""

from pathlib import Path

import fontpkg_source_serif_4 as font

FAMILY = "Source Serif 4"
FONTS = Path(font.__file__).parent / "files"
