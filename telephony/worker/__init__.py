"""Media workers: processes that carry the sound of calls between browsers, and write it down."""
