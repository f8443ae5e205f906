"""The one door to language models: policies in `gateway`, models behind `endpoint`."""
