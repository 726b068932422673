"""Staff and trainees: who logs in, and as what."""
