// Package peers measures our event stores and those of other Go libraries on the same work in one run, so that the
// ratios do not depend on the machine. It has only tests, see README.md. It is part of the module of the test
// laboratories, so that the other libraries stay out of the product. It asserts one thing in every run: our readers
// miss no event.
package peers
