"""The control plane: what writes functions. ``invoke`` reads what it wrote, from the store."""
