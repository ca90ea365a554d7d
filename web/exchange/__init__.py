"""Pages and calls of the document exchange (edXML)."""
