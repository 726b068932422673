"""Contests, practice rounds and their stages."""
