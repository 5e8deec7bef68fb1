"""What an attempt was worth: metering, prices, the bill, and the lines that report it.

Pure: nothing here keeps state or reads a clock. ``invoke`` meters each attempt with it, ``rest``
prices the sums that ``stores`` keeps and renders the log.
"""
