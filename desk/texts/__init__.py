"""The words of the assistant, for who looks after them: reading, proposing, exporting."""
