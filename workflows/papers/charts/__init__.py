"""Describe charts as Vega-Lite specifications, and draw them for a page, for paper and for mail.

Begin with `chart_figures.py` (the numbers), then `completion_chart.py` (a chart) and `render.py` (the drawing).
"""
