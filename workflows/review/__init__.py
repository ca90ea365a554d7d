"""From a document's reading to a directive: kept, matched with the register, corrected, confirmed, concluded."""
