"""The pages of claims: the office's, the worker's own, and the settings by which claims are handled."""
