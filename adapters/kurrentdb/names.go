package kurrentdb

import "strings"

// A name that begins with a dollar or a tilde has a tilde before it on the node. A dollar would make a stream the
// system's, and a tilde marks the names that were escaped. So no stream or type of the log begins with a single tilde
// followed by something else: this package uses such names for its own streams.
const (
	systemPrefix = "$"
	ownPrefix    = "~"
	markPrefix   = "~mark-" // followed by the name of the mark
	markType     = "~Marked"
)

// namespace is a prefix of the stream names of a log on the node. It is empty in production, where a log has its own
// node. Tests use it to keep many logs on one node.
type namespace string

func (n namespace) streamName(stream string) string { return string(n) + escaped(stream) }

func (n namespace) markStream(name string) string { return string(n) + markPrefix + name }

// stream is the inverse of streamName. It returns false for streams that are not of the log.
func (n namespace) stream(name string) (string, bool) {
	if name, ok := strings.CutPrefix(name, string(n)); ok {
		return unescaped(name)
	}
	return "", false
}

// escaped returns the node's name for a stream or a type, or for a prefix of one.
func escaped(name string) string {
	if strings.HasPrefix(name, systemPrefix) || strings.HasPrefix(name, ownPrefix) {
		return ownPrefix + name
	}
	return name
}

// unescaped is the inverse of escaped. It returns false for names of the system and of this package.
func unescaped(name string) (string, bool) {
	rest, marked := strings.CutPrefix(name, ownPrefix)
	switch {
	case !marked:
		return name, !strings.HasPrefix(name, systemPrefix)
	case strings.HasPrefix(rest, systemPrefix) || strings.HasPrefix(rest, ownPrefix):
		return rest, true
	}
	return "", false
}
