"""Where execution environments live: hosts, their memory ledger, and the pool that provides them.

``pool`` starts and follows the hosts (a starter host of the service's own, then one per Dask
worker), ``host`` is the stream to one of them, ``assignment`` picks a warm environment or a place
for a new one.
"""
