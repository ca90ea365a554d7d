"""What years of history, letters and notices cost: in one table, and parted by year; and which updates are HOT."""
