"""Pure music, audio and picture functions; nothing here reads a setting or a database."""
