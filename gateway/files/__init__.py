"""Files of dossiers: taken in once, sealed, checked whenever they are read, and fetched through links that expire."""
