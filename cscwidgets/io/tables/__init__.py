"""Tables of people's own: any format, decided by the content, as named columns and what is to be said of them."""
