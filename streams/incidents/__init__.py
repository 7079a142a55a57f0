"""The life of an incident, its identity, and how several become one."""
