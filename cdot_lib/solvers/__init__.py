"""Independent numerics: what a closed form is checked against. Never imports theory."""
