"""The face of papers and of charts in print, like the Times New Roman that Decree 30 asks for; it comes with us.

`make assets` makes the files of Tinos. A letter that it lacks, such as ≤ or ☐, is set in Source Serif 4.
"""

from pathlib import Path

import fontpkg_source_serif_4 as fallback

FAMILIES = ("Tinos", "Source Serif 4")
FOLDERS = (Path(__file__).parent / "fonts", Path(fallback.__file__).parent / "files")
"""By family; each holds all of its styles."""
