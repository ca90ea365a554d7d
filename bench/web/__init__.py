"""What the pages cost on a million tasks, beside the bare SQL that they need and an empty page of the same stack."""
