"""The singer: words and notes become a sung voice, by a neural voice bent to the score."""
