"""What ends a measurement without ending the run."""


class BenchError(Exception):
    """Something a measurement needs is not to be had, or a program did not do what it should; the report quotes the sentence."""
