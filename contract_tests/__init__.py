"""One suite of checks for two targets: the simulator, and BILL's sandbox."""
