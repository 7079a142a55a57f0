"""Clients of Apache Kafka, and the topics on the broker."""
