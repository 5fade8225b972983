//! Round the socket: the bytes as they came, before the HTTP library makes them its own.
