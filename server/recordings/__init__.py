"""Recordings: what seats upload, sealing, peaks, replay, comments (docs/packages/recordings.md)."""
