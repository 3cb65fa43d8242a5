"""The guideline language: text with places, diagnostics, and the checked model."""
