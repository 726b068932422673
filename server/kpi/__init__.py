"""KPI formulas with ids and versions, shared by the modules (docs/packages/kpi.md)."""
