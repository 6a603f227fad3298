"""The pages of the product. A view is a gate, a form, an operation, a redirect."""
