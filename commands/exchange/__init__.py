"""What `dondoc import` does with a message of the document exchange."""
