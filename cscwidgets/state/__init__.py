"""What is selected, asked, in focus and running. No widgets here."""
