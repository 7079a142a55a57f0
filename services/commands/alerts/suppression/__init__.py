"""What is out of service or maintained, and so asks for nothing: list, begin, end."""
