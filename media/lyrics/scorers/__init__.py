"""Pure scorers of lyric lines, one file each; what they weigh is decided by the songwriter."""
