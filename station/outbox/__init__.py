"""The outbox: results on their way, kept until their receiver says that he has them."""
