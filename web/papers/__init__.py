"""Pages of papers, charts and reports that are drafted period by period."""
