"""The control plane below /_sim."""
