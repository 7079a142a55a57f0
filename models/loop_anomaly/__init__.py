"""An anomaly scorer for induction loops: how it is trained and measured. See README.md."""
