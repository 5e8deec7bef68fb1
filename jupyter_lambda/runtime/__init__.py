"""What runs on a worker: the host agent, its zygotes and the execution environments.

Standard library and cloudpickle only, and relative imports only: the folder is shipped to workers
as a source archive, so a worker of an existing cluster needs nothing of ours installed.

``agent`` (one per worker) starts a ``zygote`` per import set; a zygote forks ``runner`` processes,
each of which is one execution environment. They speak ``frames`` over sockets.
"""
