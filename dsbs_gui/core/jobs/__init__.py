"""Starting, following, stopping and recovering jobs through files in their run folder."""
