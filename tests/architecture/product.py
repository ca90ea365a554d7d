"""What belongs to the product."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("models", "notifications", "workflows", "web", "commands", "dondoc.py")
