"""The provider's endpoints for services, and its pages for people."""
