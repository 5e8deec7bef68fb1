"""The notebook's door: the ``%lambda`` and ``%%lambda`` magics and what they show.

A magic parses its line, calls the client and shows the answer. Views and progress lines know no
IPython, so the command line shows the same ones.
"""
