"""The command line, a file per noun; those of a room beside the core stand in its folder."""
