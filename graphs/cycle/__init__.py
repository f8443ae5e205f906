"""An artist's cycle: from perceiving to remembering."""
