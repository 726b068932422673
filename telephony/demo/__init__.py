"""Demo papers of the voice module, and the recordings that belong to them."""
