package kurrentdb

import "strings"

// On the node a name is what it is here, but for two first letters: a dollar would make a stream the system's, and a
// tilde is what sets those names apart. Both get a tilde before them. So a name that begins with a single tilde is
// nobody's, and the streams in which this package keeps something for itself have such names.
const (
	systemSign = "$"
	ownSign    = "~"
	markPrefix = "~mark-" // and the name of the mark
	markType   = "~Marked"
)

// escaped is the node's name for a stream, a type, or the beginning of one.
func escaped(name string) string {
	if strings.HasPrefix(name, systemSign) || strings.HasPrefix(name, ownSign) {
		return ownSign + name
	}
	return name
}

// unescaped undoes escaped. It is false for what no name of the log's is: the system's, and this package's own.
func unescaped(name string) (string, bool) {
	rest, marked := strings.CutPrefix(name, ownSign)
	switch {
	case !marked:
		return name, !strings.HasPrefix(name, systemSign)
	case strings.HasPrefix(rest, systemSign) || strings.HasPrefix(rest, ownSign):
		return rest, true
	}
	return "", false
}
