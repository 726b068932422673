"""Figures of the house, measured; `python -m tests.bench --only core`."""
