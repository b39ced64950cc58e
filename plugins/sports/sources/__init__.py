"""Where the data come from: files, feeds, prices and history."""
