"""The language model that ships with the product: files, server process, supervision."""
