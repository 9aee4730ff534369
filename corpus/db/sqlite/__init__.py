"""Django's SQLite, with writers of one process in a queue instead of in SQLite's lottery."""
