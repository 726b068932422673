"""坐席: the places of the hall, who sits there, and the board that watches them. Nothing to do with AI agents."""
