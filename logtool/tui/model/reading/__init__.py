"""What reads logs in the background and as they grow, and lines when they are on screen."""
