"""The catalogues of words on screen, and how they are gathered from the code."""
