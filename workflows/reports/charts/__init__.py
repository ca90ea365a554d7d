"""Draw charts as SVG.

Begin with `chart_figures.py` (the numbers) and `shapes.py` (the drawing).
"""
