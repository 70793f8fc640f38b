"""Times: the forms in which httpd prints them, read from columns of places."""
