"""The demo dictation: three papers with their recordings, and the script that renders these."""
