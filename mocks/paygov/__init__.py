"""Stand-in for PayGov, the national payment support gateway, and for the LGSP call that vouches for its signatures."""
