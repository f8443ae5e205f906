"""What an artist may do: one typed function a file, registered in a plain list."""
