"""Inspections: planned, announced, carried out question by question, corrected by ordinary tasks, closed."""
