"""A signed webhook: CloudEvents 1.0, signed as Standard Webhooks 1.0 says."""
