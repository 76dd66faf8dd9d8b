"""HTTP in BILL's manner: routes, validation, the order of checks."""
