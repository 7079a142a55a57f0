"""What leaves as a file for a spreadsheet: how it is made, and the columns of each."""
