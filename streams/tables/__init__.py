"""What is stored: tables, and the writer that fills them."""
