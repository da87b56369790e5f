"""Tables: reading them, handing them on, splitting them."""
