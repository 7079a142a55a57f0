"""Parts of the ``score`` stage."""
