"""Evidence: what a scene, and what stands beside the logs, say of offsets and of UTC."""
