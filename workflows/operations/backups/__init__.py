"""Back-ups: one file with everything an office may not lose, made while the programs run, and how it comes back."""
