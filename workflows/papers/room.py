"""Papers by Decree 30/2020/NĐ-CP, charts, and reports that are drafted period by period."""

from models.rooms import Room

ROOM = Room(
    name="papers",
    needs=("docx", "lxml", "typst", "vl_convert", "fontpkg_source_serif_4", "fontTools"),
    addresses=("/charts", "/papers"),
    adds={
        "tick.compile_reports": ("workflows.papers.compile_reports:compile_due",),
        "tick.next_moment": ("workflows.papers.compile_reports:next_compiling",),
    },
)
