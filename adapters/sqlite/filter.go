package sqlite

import (
	"slices"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/domain"
)

// plan is a filter as SQL: conditions on small integers, and a check of the stream name if a prefix is longer than a
// category.
type plan struct {
	nothing bool // no event up to the head matches
	where   string
	keep    func(domain.Stream) bool
}

// plan translates a filter. It uses the words known at some head and is valid for events up to that head.
func (w *words) plan(filter domain.Filter) plan {
	var p plan
	if len(filter.Types) > 0 {
		var types []int64
		for _, name := range filter.Types {
			if id, ok := w.ids[name]; ok {
				types = append(types, id)
			}
		}
		p.nothing = len(types) == 0
		p.where += in("type", types)
	}
	if len(filter.Prefixes) == 0 || slices.Contains(filter.Prefixes, "") {
		return p
	}
	var categories []int64
	for id, word := range w.texts {
		whole, part := w.covers(word, filter.Prefixes)
		if whole || part {
			categories = append(categories, id)
		}
		if part && !whole {
			p.keep = func(stream domain.Stream) bool { return passes(stream, filter.Prefixes) }
		}
	}
	slices.Sort(categories) // equal filters give equal text, so the prepared statement is reused
	p.nothing = p.nothing || len(categories) == 0
	p.where += in("category", categories)
	return p
}

// covers reports whether every stream of a category has one of the prefixes, and whether some may have.
func (w *words) covers(category string, prefixes []string) (whole, part bool) {
	for _, prefix := range prefixes {
		switch {
		case category == "": // streams without a dash, which only a prefix without a dash matches
			part = part || !strings.Contains(prefix, "-")
		case strings.HasPrefix(category, prefix):
			whole = true
		case strings.HasSuffix(category, "-") && strings.HasPrefix(prefix, category):
			part = true
		}
	}
	return whole, part
}

func passes(stream domain.Stream, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(string(stream), prefix) })
}

func in(column string, ids []int64) string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = strconv.FormatInt(id, 10)
	}
	return " AND " + column + " IN (" + strings.Join(list, ",") + ")"
}

// scan returns the statement that reads a range of the log by a plan.
func (r *reader) scan(p plan) (*sqlite.Stmt, error) {
	if p.where == "" {
		return r.all, nil
	}
	if stmt, ok := r.filtered[p.where]; ok {
		return stmt, nil
	}
	if len(r.filtered) >= maxFiltered {
		for where, stmt := range r.filtered {
			delete(r.filtered, where)
			if err := stmt.Finalize(); err != nil {
				return nil, err
			}
		}
	}
	stmt, err := r.conn.Prepare(columns + "WHERE position > ? AND position <= ?" + p.where + " ORDER BY position")
	if err == nil {
		r.filtered[p.where] = stmt
	}
	return stmt, err
}
