"""What a reply says: by rules and retrieval, explainable and deterministic, without a network or a model."""
