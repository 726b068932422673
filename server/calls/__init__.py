"""Live calls: browsers and media workers brought together, role players, listening in (docs/packages/calls.md)."""
