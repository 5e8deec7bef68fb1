"""Tests and benchmarks; a package so that ``python -m tests.benchmarks`` runs from the root."""
