"""Outcomes of closed attempts, derived from the journal."""
