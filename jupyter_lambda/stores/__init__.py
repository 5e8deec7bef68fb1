"""The service's state: one SQLite file with one writer, the code store and the payload spool.

``control`` and ``invoke`` write through these stores and ``rest`` reads through them. A write is
acknowledged after its commit only; a read sees one snapshot and never waits for the writer.
Workers and doors never open these files.
"""
