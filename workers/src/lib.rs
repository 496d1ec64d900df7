//! Takes jobs from the queue and places the calls.
