"""The grading service: a process and a database of its own; it knows works by code and never a person."""
