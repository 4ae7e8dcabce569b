"""A table for millions of records: ids in memory, records by page, painted by delegates."""
