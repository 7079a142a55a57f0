"""How large a message may be, from its producer through the topic to the broker: once, in bytes."""

MEBIBYTE = 2**20
MESSAGE_BYTES = 4 * MEBIBYTE
"""Of one message: a picture (at most 2 MiB), also an oversized one that is to be refused."""
DEAD_LETTER_BYTES = 2 * MESSAGE_BYTES
"""A dead letter holds a whole message and says where it came from."""
SNAPSHOT_BYTES = 8 * MEBIBYTE
"""A worker's largest snapshot; with a larger one it ends, before the broker would refuse it."""
CHECKPOINT_BYTES = SNAPSHOT_BYTES + MEBIBYTE
"""A worker's largest snapshot, and what is said of it."""
BROKER_BYTES = 10 * MEBIBYTE
"""Of any topic's messages, on a broker of ours."""
