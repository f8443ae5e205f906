"""Album covers, artist marks and headers drawn by code, and the gates that judge them."""
