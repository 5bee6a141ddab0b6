"""The Flask application: phone, desk, accounts, tables, release, command line."""
