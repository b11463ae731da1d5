"""Claims on public notice before they are approved, where the course of their kind asks for it."""
