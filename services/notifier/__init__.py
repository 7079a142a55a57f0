"""The part that tells people: sends what the outbox holds, over channels, until it is there or is
given up.
"""
