"""The shop of `liveshop demo`: records in the native feed format, and drawn pictures."""
