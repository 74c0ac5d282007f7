package readmodel

import (
	"regexp"
	"strconv"
	"strings"
)

// Where collects the conditions of a query and their arguments.
type Where struct {
	sql  strings.Builder
	Args []any
}

// And adds a condition. Each ? in it is a parameter for the next argument.
func (w *Where) And(condition string, args ...any) {
	if w.sql.Len() == 0 {
		w.sql.WriteString("WHERE ")
	} else {
		w.sql.WriteString(" AND ")
	}
	w.Add(condition, args...)
}

// Add appends a clause after the conditions, such as ORDER BY or LIMIT. Each ? in it is a parameter, as in And.
func (w *Where) Add(clause string, args ...any) {
	for i, part := range strings.Split(clause, "?") {
		if i > 0 {
			w.Args = append(w.Args, args[i-1])
			w.sql.WriteString("$" + strconv.Itoa(len(w.Args)))
		}
		w.sql.WriteString(part)
	}
}

// OneOf adds the condition that a column equals one of the values. Without values it adds nothing.
func OneOf[T any](w *Where, column string, values []T, arg func(T) any) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, value := range values {
		args[i] = arg(value)
	}
	w.And(column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")", args...)
}

// Text returns a string as an argument, for OneOf.
func Text(text string) any { return text }

// String returns the clauses with numbered parameters.
func (w *Where) String() string { return w.sql.String() }

// Template returns the clauses with ? for each parameter, for use in a condition of another Where.
func (w *Where) Template() string { return parameter.ReplaceAllString(w.sql.String(), "?") }

var parameter = regexp.MustCompile(`\$[0-9]+`)
