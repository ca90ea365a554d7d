"""Show the board, act on many tasks at once, and show the wall.

Begin with `board_view.py`.
"""
