"""What the system is made of: functions, invocations, runs and usage, with their pure rules.

Frozen data without I/O; every layer above reads it, and it knows none of them.
"""
