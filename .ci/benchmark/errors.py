"""What ends a measurement without ending the run."""


class BenchError(Exception):
    """Something a measurement needs is not to be had, or a program did not do what it should; the report quotes the sentence."""


class PeerError(BenchError):
    """A peer cannot be had, or failed: the report says so, and nothing is wrong with the run."""
