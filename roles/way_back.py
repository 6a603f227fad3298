"""The way back to the online service from which somebody came here: the one address outside the portal on a page."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from roles.models.came_from import CameFrom


@dataclass(frozen=True)
class WayBack:
    """Where a link outside the portal leads: its address, the name of the service, and the host to show beside it."""

    address: str
    service: str

    @property
    def host(self) -> str:
        """The host of the address, with the port where it has one; never a name or password in it."""
        return urlsplit(self.address).netloc.rpartition("@")[2]


def way_back(row: CameFrom) -> WayBack | None:
    """Return the way back that a draft or request keeps, or None."""
    if row.came_from is None or not row.return_to:
        return None
    return WayBack(row.return_to, row.came_from.name)
