"""The font of papers and of printed charts, with the widths of the Times New Roman that Decree 30 asks for.

`make assets` makes the files of Tinos. A character that it lacks, such as ≤ or ☐, is set in Source Serif 4.
"""

from pathlib import Path

import fontpkg_source_serif_4 as fallback

FAMILIES = ("Tinos", "Source Serif 4")
FOLDERS = (Path(__file__).parent / "fonts", Path(fallback.__file__).parent / "files")
"""The folder of each family, with all its styles."""
