"""What citizens ask and how they judge: questions, answers and ratings, both ways, without who rated."""
