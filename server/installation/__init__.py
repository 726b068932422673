"""One installation on one machine: what is beside the contests themselves."""
