"""Measures the product on estates of any size. Nothing here runs with the tests."""
