"""A Django project as `startproject` leaves it, less the database."""
