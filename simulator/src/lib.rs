//! A pretend phone network that speaks the providers' wire formats over HTTP.
