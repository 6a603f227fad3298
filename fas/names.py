"""What people call a client: as they call its service. What staff have named it stays in the administration."""

from collections.abc import Collection

from fas.models import Client


def service_names(client_ids: Collection[str]) -> dict[str, str]:
    """Return the names of the clients' services in the language of the page, by client_id. One query."""
    rows = Client.objects.filter(client_id__in=client_ids).select_related("service")
    return {row.client_id: row.service.name for row in rows}
