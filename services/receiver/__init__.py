"""The receiver: readings that come over HTTP, checked, published, and answered once Kafka has them.

A process of its own, so that whoever floods it harms no camera and no operator (decision 0069).
"""
