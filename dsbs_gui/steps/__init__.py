"""The six steps of the way: data, teacher, review, training, evaluation, export."""
