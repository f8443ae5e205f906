"""An artist's answer to a person: gather, choose, act, find the words."""
