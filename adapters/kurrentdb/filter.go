package kurrentdb

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/domain"
)

// How much of the log the node searches before it reports how far it is, where nothing matches the filter.
const (
	searchWindow    = 1024
	checkpointEvery = 4 // windows
)

// serverFilter returns the filter for the node. It passes at least what filter matches, and the entry extra unless
// that is zero. The node filters by streams or by types, not by both. It gets regular expressions because it compares
// prefixes by the rules of a language, in which "client-e" is not a prefix of "client-é". A nil filter passes
// everything.
func (n namespace) serverFilter(filter domain.Filter, extra domain.Entry) *esdb.SubscriptionFilter {
	var patterns []string
	kind := esdb.StreamFilterType
	switch {
	case len(filter.Prefixes) > 0:
		for _, prefix := range filter.Prefixes {
			for !utf8.ValidString(prefix) { // cut within a letter: the node compares whole ones
				prefix = prefix[:len(prefix)-1]
			}
			if prefix == "" {
				return n.serverFilter(domain.Filter{Types: filter.Types}, extra)
			}
			patterns = append(patterns, literal(n.streamName(prefix)))
		}
		if extra.Stream != "" {
			patterns = append(patterns, literal(n.streamName(string(extra.Stream)))+"$")
		}
	case len(filter.Types) > 0:
		kind = esdb.EventFilterType
		for _, name := range append(slices.Clone(filter.Types), extra.Type) {
			if name != "" && utf8.ValidString(name) {
				patterns = append(patterns, literal(escaped(name))+"$")
			}
		}
		if len(patterns) == 0 {
			patterns = []string{"$"} // matches no type, as none is empty
		}
	default:
		return nil
	}
	return &esdb.SubscriptionFilter{Type: kind, Regex: "^(?:" + strings.Join(patterns, "|") + ")"}
}

// literal returns a pattern that matches a text, in the common syntax of .NET and Go.
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

// matches applies the filter to what the node has sent.
func matches(filter domain.Filter, entry *domain.Entry) bool {
	return (len(filter.Types) == 0 || slices.Contains(filter.Types, entry.Type)) &&
		(len(filter.Prefixes) == 0 || slices.ContainsFunc(filter.Prefixes, func(prefix string) bool {
			return strings.HasPrefix(string(entry.Stream), prefix)
		}))
}
