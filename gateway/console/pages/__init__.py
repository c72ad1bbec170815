"""One module for each part of the console, with its routes. What it shows stands in `templates/<part>/`."""
