"""A replica and how replicas merge. SQLite and transports; no Flask; knows no form."""
