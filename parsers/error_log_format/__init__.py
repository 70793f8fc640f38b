"""ErrorLogFormat: what the directive says, as httpd reads it, and what can be said of that."""
