"""The column type of folded keys."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class FoldedKeyField(models.CharField):
    """A folded key, compared byte by byte.

    Range scans for a prefix need the plain order of characters. SQLite has it by default; PostgreSQL only under the
    collation "C", which SQLite does not know, hence this class.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """Return the column's parameters, with the collation on PostgreSQL only."""
        parameters = super().db_parameters(connection)
        parameters["collation"] = "C" if connection.vendor == "postgresql" else None
        return parameters
