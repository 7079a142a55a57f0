"""What the commands of ``cityops`` share: output, times, the way to the service, files, replays."""
