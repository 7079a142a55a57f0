"""How one camera's detections become tracks, counts and incidents."""
