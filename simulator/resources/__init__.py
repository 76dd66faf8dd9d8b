"""What BILL does, one file per resource. Pure."""
