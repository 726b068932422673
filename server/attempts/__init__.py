"""Running an attempt: decisions, group commit, leases, last second, outage."""
