"""What code can know about lyrics: syllables, stress, rhyme, fit, repetition and junk."""
