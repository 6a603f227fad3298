"""Floor 0: what must stay secret. Sealed values, blind indexes, counted tries. Imports only Django."""

from vault.sealing import blind_index, seal, unseal

__all__ = ["blind_index", "seal", "unseal"]
