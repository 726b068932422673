"""Robot contestants: places driven over the real protocol, for demonstrations and for the bench."""
