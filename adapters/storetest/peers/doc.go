// Package peers measures our event stores against those of other Go libraries on the same work, in one run, so that
// the ratios count and not the machine. It is a module of its own, so that what it compares with stays out of ours,
// and consists of tests only, see README.md. It asserts one thing, on every run: no reader of ours misses an event.
package peers
