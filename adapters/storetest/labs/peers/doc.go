// Package peers measures our event stores against those of other Go libraries on the same work, in one run, so that
// the ratios count and not the machine. It consists of tests only, see README.md. It is part of the module of the test
// laboratories, so that the other libraries stay out of the product. It asserts one thing, on every run: no reader of ours misses an event.
package peers
