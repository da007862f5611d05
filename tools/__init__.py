"""What builds and checks the book but is not for its readers."""
