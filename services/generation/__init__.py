"""Songs made by whichever provider fits, each job written down before anything is sent."""
