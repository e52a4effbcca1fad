"""One function an operation: from a call and the state to an answer."""
