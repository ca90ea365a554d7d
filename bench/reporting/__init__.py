"""What the report costs on very much history beside the bare SQL, and the believable history that it is measured on."""
