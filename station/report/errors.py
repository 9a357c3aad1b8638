"""What can go wrong with a report."""


class PictureUnavailableError(Exception):
    """A picture cannot be made on this installation. The page needs nothing."""
