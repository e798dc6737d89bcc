"""Steps from an older database to this version's tables, run by `Store.migrate`."""
