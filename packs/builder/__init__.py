"""Builds a Vultus model pack out of published packages."""
