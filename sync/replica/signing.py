"""Signing what a store wrote itself, under its name and the names that it had before."""

from __future__ import annotations

from sync import keys
from sync.names import replica_number
from sync.replica import documents, log
from sync.replica.store import Store


def sign(store: Store, key: keys.PrivateKey) -> str:
    """Sign the tip of the store's own log, inside a transaction, and put its public key among the documents; returns
    the signature. What it wrote under former names is signed too, where it had the same key."""
    public = keys.public_text(key)
    name, *before = store.own_names()
    for old in before:
        if documents.public_key(store.db, old) == public:
            _sign(store, old, key)
    if documents.public_key(store.db, name) is None:
        store.put_document(keys.KEY_KIND, name, keys.key_document(name, public).encode())
    return _sign(store, name, key)


def _sign(store: Store, name: str, key: keys.PrivateKey) -> str:
    number = replica_number(name)
    tip = log.tip(store.db, number)
    if tip.signed == tip.number and tip.signature:
        return tip.signature
    signature = keys.sign(key, keys.tip_text(name, tip.number, tip.digest))
    if tip.number:
        log.advance(store.db, log.Tip(number, tip.number, tip.digest, tip.number, signature), [])
    return signature
