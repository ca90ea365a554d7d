"""Pictures drawn on the server: figures and dates in, an SVG's shapes and the same numbers as a table out."""
