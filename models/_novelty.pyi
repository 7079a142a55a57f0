UNITS: int
SIZE: int

def follow(state: bytes, times: bytes, values: bytes) -> tuple[bytes, bytes]: ...
