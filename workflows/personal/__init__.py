"""What is kept of one person: taken out for them, and erased where no law asks for keeping it."""
