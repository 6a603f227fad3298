"""How the secret of a client is kept: one SHA-256, because it is 256 random bits and nobody's password."""

import hashlib
import secrets
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher, mask_hash

ALGORITHM = "random_sha256"


def new_secret() -> str:
    """Return a new secret of a client: 256 random bits in URL-safe base64."""
    return secrets.token_urlsafe(32)


class RandomSecretHasher(BasePasswordHasher):
    """For secrets that nobody chose. There is nothing to guess, so nothing has to be slow (ASVS 11.4.2, 11.5.1).

    A slow hash would be a lever for others: the token endpoint checks a secret at each call.
    """

    algorithm = ALGORITHM

    def salt(self) -> str:
        """Return no salt: two clients never have the same secret."""
        return ""

    def encode(self, password: str, salt: str) -> str:
        """Return what is stored."""
        return f"{self.algorithm}$${hashlib.sha256(password.encode()).hexdigest()}"

    def decode(self, encoded: str) -> dict[str, Any]:
        """Return the parts of what is stored."""
        algorithm, salt, digest = encoded.split("$", 2)
        return {"algorithm": algorithm, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        """Compare in constant time."""
        return secrets.compare_digest(self.encode(password, ""), encoded)

    def safe_summary(self, encoded: str) -> Any:
        """Return what may be shown of it."""
        return {"algorithm": self.algorithm, "hash": mask_hash(self.decode(encoded)["hash"])}

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Do nothing: it takes the same time always."""
