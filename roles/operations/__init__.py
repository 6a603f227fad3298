"""The acts of the product. Each: load and lock, guard, change, record, write the letter, in one transaction."""
