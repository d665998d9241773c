"""The solver: one search core, its domains, and what it learns. No input or output, no clock."""
