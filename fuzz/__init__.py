"""What must hold for any input, and `python -m fuzz`, which looks for inputs where it does not."""
