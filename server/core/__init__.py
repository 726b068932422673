"""The kernel: module contract, journal, blobs, bus, clock, phases, access and errors; imports nothing of ours."""
