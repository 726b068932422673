"""听打录入: dictation, from the headphones to an explained score."""
