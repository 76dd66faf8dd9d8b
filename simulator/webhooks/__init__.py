"""Sending webhooks: signature, where it may go, and when."""
