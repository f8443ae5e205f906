"""What processes of one label share: in process on one machine, over Redis between several."""
