"""What a Python program holds of the service: a session with it, functions and runs.

Doors for people (magics, CLI, the Jupyter server) stand on it. It prints and displays nothing,
and it imports little, since every first call waits for it.
"""
