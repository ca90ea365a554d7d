"""What happens, one verb per file: import a directive, publish, launch, act, sweep, deliver, report."""
