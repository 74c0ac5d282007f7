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

// space is what the names of a log's streams on the node begin with. It is empty: a log has its node for itself. Only
// tests, who have one node for many logs, give each of them a space.
type space string

func (s space) name(stream string) string { return string(s) + escaped(stream) }

func (s space) mark(name string) string { return string(s) + markPrefix + name }

// stream undoes name. It is false for the streams of others.
func (s space) stream(name string) (string, bool) {
	if name, ok := strings.CutPrefix(name, string(s)); ok {
		return unescaped(name)
	}
	return "", false
}

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
