"""The drill: several machines carry out a launch and a day of ticks while their processes are killed at random."""
