"""Pages and health."""
