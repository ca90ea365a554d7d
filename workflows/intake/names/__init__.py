"""Read who must do a duty, with whom, under whom, and who reports to whom.

Begin with `addressees.py`.
"""
