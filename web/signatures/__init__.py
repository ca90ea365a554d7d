"""Pages of digital signatures: roots, and what is told of a signed file."""
