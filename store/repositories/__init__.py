"""One repository per noun; all SQL about that noun stands in its file."""
