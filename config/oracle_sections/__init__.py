"""What the oracle looks at: one function a section, which returns groups (heading, lines)."""
