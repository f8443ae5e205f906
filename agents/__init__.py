"""Who acts: one role a folder or file, each a plain async function with a typed result."""
