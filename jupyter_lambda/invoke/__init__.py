"""The data plane: from an accepted event to its recorded outcome.

``frontend`` takes single invocations, ``runs`` feeds durable maps; both hold environments that
``dispatcher`` gets from assignment, and both are told of an outcome only after ``recorder`` has
committed it.
"""
