"""Readings by MQTT: a part of its own, which subscribes at a broker that is there already."""
