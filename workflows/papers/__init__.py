"""The room where office papers are made: one description of a paper, and a renderer for each kind of file."""
