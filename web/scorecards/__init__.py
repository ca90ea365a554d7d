"""Show scorecards, rankings and warnings.

Begin with `scorecard_pages.py`.
"""
