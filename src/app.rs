//! Floor 2: the shell that joins the interface and the world.
