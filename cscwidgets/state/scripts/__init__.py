"""What the states of an explorer are as code: each module has the parts of a script that one of them says of itself."""
