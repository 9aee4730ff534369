"""Suggestions of a language model, asked over the OpenAI chat protocol."""
