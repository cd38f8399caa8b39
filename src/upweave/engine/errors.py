"""What the engine refuses."""


class ModelError(ValueError):
    """A model file that the engine does not run; the message names the node or the field."""
