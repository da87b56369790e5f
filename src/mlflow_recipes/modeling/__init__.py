"""Models: measuring and judging them, saving and loading them, what goes with them."""
