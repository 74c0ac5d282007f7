package kurrentdb

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/domain"
)

// How much of the log the node looks at before it says how far it is, where nothing passes the filter.
const (
	searchWindow    = 1024
	checkpointEvery = 4 // windows
)

// serverFilter is what the node is asked to send: at least what the filter passes, and whatever tells of one more
// entry, unless that is the zero one. The node filters by streams or by types, not by both. It is given regular
// expressions because its prefixes are compared as the words of a language, in which "client-e" does not begin
// "client-é". Nil asks for everything.
func (s space) serverFilter(filter domain.Filter, besides domain.Entry) *esdb.SubscriptionFilter {
	var patterns []string
	kind := esdb.StreamFilterType
	switch {
	case len(filter.Prefixes) > 0:
		for _, prefix := range filter.Prefixes {
			for !utf8.ValidString(prefix) { // cut within a letter: the node reads whole ones
				prefix = prefix[:len(prefix)-1]
			}
			if prefix == "" {
				return s.serverFilter(domain.Filter{Types: filter.Types}, besides)
			}
			patterns = append(patterns, literal(s.name(prefix)))
		}
		if besides.Stream != "" {
			patterns = append(patterns, literal(s.name(string(besides.Stream)))+"$")
		}
	case len(filter.Types) > 0:
		kind = esdb.EventFilterType
		for _, name := range append(slices.Clone(filter.Types), besides.Type) {
			if name != "" && utf8.ValidString(name) {
				patterns = append(patterns, literal(escaped(name))+"$")
			}
		}
		if len(patterns) == 0 {
			patterns = []string{"$"} // nothing is called by no name
		}
	default:
		return nil
	}
	return &esdb.SubscriptionFilter{Type: kind, Regex: "^(?:" + strings.Join(patterns, "|") + ")"}
}

// literal is a pattern for a text, in what the expressions of .NET and of Go have in common.
func literal(text string) string {
	var pattern strings.Builder
	for _, letter := range text {
		switch {
		case 'a' <= letter && letter <= 'z', 'A' <= letter && letter <= 'Z', '0' <= letter && letter <= '9',
			letter >= utf8.RuneSelf:
			pattern.WriteRune(letter)
		default:
			fmt.Fprintf(&pattern, `\x%02x`, letter)
		}
	}
	return pattern.String()
}

// passes is the filter itself: what the node sends is looked at again.
func passes(filter domain.Filter, entry *domain.Entry) bool {
	return (len(filter.Types) == 0 || slices.Contains(filter.Types, entry.Type)) &&
		(len(filter.Prefixes) == 0 || slices.ContainsFunc(filter.Prefixes, func(prefix string) bool {
			return strings.HasPrefix(string(entry.Stream), prefix)
		}))
}
