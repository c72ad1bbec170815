"""What a person must look at soon, kept until somebody has."""
