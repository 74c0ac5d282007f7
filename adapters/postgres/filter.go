package postgres

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clickbook/clickbook/domain"
)

// condition renders a filter as SQL; its parameters start at $5. If nothing is true, no event can match. keep is the
// part of the filter that must run here: a prefix that is not valid text cannot be sent to the server.
func condition(filter domain.Filter) (where string, args []any, keep func(domain.Stream) bool, nothing bool) {
	if len(filter.Types) > 0 {
		types := slices.DeleteFunc(slices.Clone(filter.Types), func(name string) bool { return !isText(name) })
		if len(types) == 0 {
			return "", nil, nil, true
		}
		args = append(args, types)
		where += fmt.Sprintf(" AND e.type = ANY ($%d::text[])", 4+len(args))
	}
	if len(filter.Prefixes) == 0 || slices.Contains(filter.Prefixes, "") {
		return where, args, nil, false
	}
	if slices.ContainsFunc(filter.Prefixes, func(prefix string) bool { return !isText(prefix) }) {
		prefixes := slices.Clone(filter.Prefixes)
		return where, args, func(stream domain.Stream) bool {
			return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(string(stream), p) })
		}, false
	}
	args = append(args, filter.Prefixes)
	return where + fmt.Sprintf(" AND e.name ^@ ANY ($%d::text[])", 4+len(args)), args, nil, false
}

// isText reports whether the server accepts text. Nothing else can be in the log.
func isText(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }
