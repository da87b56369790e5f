"""The steps. Each file reads the same: what goes in and out, `run` as a short list of named actions, helpers."""
