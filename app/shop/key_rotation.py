"""Re-encrypt every stored secret under the first of ``TOKEN_KEYS``, so that an old key can be taken off the list."""

from collections.abc import Iterator

from sqlalchemy import LargeBinary, Table, select, type_coerce, update

from .extensions import Encrypted, cipher, db, rows_changed


def encrypted_columns() -> Iterator[tuple[Table, str]]:
    """Every column that holds secrets."""
    for table in db.metadata.sorted_tables:
        yield from ((table, column.name) for column in table.columns if isinstance(column.type, Encrypted))


def rotate_keys() -> int:
    """Re-encrypt; how many secrets. Commits. Raises :class:`.encryption.Unreadable`, and nothing is changed then."""
    count = 0
    for table, column in encrypted_columns():
        key = table.primary_key.columns[0]
        raw = type_coerce(table.c[column], LargeBinary)
        for row_id, secret in db.session.execute(select(key, raw).where(table.c[column].is_not(None))).all():
            renewed = type_coerce(cipher().rotate(secret), LargeBinary)
            # Only what is still as it was read: a token that changed meanwhile is under the first key already.
            unchanged = (key == row_id, raw == secret)
            count += rows_changed(update(table).where(*unchanged).values({column: renewed}))
    db.session.commit()
    return count
