"""`/v1`: the artists as models, for any program that speaks OpenAI's chat protocol."""
