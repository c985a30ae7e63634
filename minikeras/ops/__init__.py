"""Array maths with its derivatives."""
