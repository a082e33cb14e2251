"""What the lesson on your own pictures alone uses: its exercises, its figures and its sample set."""
