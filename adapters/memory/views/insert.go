package views

import (
	"fmt"
	"slices"
)

// insertion is an INSERT with what happens to a row whose key is there.
type insertion struct {
	table     *table
	values    []expression // by column
	conflict  string       // "" for an error, "NOTHING", "UPDATE"
	settings  []setting
	condition expression // of the update; nil for none
}

func (p *parser) insert(s *Scratch) plan {
	into := insertion{table: p.on(s)}
	p.must("(")
	columns := p.columns()
	p.must(")")
	if len(columns) != len(into.table.columns) { // no column has a default
		p.fail(p.peek())
	}
	source := search{table: into.table}
	var values []any
	if p.has("VALUES") {
		p.must("(")
		p.table = new(table) // no expression names a column
		values = p.expressions()
		p.must(")")
	} else {
		p.must("SELECT")
		values, source = p.selection(s)
	}
	if len(values) != len(columns) {
		p.fail(p.peek())
		return nil
	}
	into.values = make([]expression, len(columns))
	for i, column := range columns {
		into.values[column] = compile(values[i])
	}
	if slices.Contains(columns, -1) || slices.ContainsFunc(into.values, func(e expression) bool { return e == nil }) {
		p.fail(p.peek()) // a column is named twice
	}
	p.table = into.table
	p.conflict(&into)
	if source.find == nil {
		return into.row
	}
	return func(e *env) ([]string, error) {
		matches := slices.Clone(source.matches(e))
		slices.SortFunc(matches, byKey)
		for _, one := range matches {
			e.load(one.row)
			if _, err := into.row(e); err != nil {
				return nil, err
			}
		}
		return nil, e.err
	}
}

// selection reads the expressions and the source of INSERT … SELECT.
func (p *parser) selection(s *Scratch) ([]any, search) {
	from := slices.Index(p.words, "FROM")
	if from < 0 {
		p.fail("SELECT")
		return nil, search{}
	}
	selected := p.words[:from]
	p.words = p.words[from+1:]
	p.on(s)
	rest := p.words
	p.words = selected
	values := p.expressions()
	if len(p.words) > 0 {
		p.fail(p.peek())
	}
	if p.err != nil {
		return nil, search{}
	}
	p.words = rest
	return values, p.where()
}

// conflict reads ON CONFLICT, which must name the key.
func (p *parser) conflict(into *insertion) {
	if !p.has("ON", "CONFLICT") {
		return
	}
	p.must("(")
	named := p.columns()
	p.must(")")
	slices.Sort(named)
	if !slices.Equal(named, slices.Sorted(slices.Values(into.table.key))) {
		p.fail("CONFLICT")
	}
	p.must("DO")
	into.conflict = p.next()
	switch {
	case into.conflict == "NOTHING":
	case into.conflict == "UPDATE" && p.has("SET"):
		rekeys := false
		if into.settings, rekeys = p.settings(); rekeys {
			p.fail("SET")
		}
		if p.has("WHERE") {
			into.condition = compile(p.expression())
		}
	default:
		p.fail(into.conflict)
	}
}

// row inserts one row.
func (i *insertion) row(e *env) ([]string, error) {
	packed := e.packed[:0]
	for column, of := range i.values {
		v := of(e)
		if err := i.table.check(column, v); err != nil {
			return nil, err
		}
		packed = v.pack(packed)
	}
	e.packed = packed
	if e.err != nil {
		return nil, e.err
	}
	made := string(packed)
	key := i.table.keyOf(made)
	before := i.table.rows[string(key)]
	switch {
	case before == nil:
		i.table.insert(string(key), made)
		return nil, nil
	case i.conflict == "":
		return nil, fmt.Errorf("a statement inserts a second row with the same key into %s", i.table.Name)
	case i.conflict == "NOTHING":
		return nil, nil
	}
	e.load(before.row)
	e.other, e.others = made, starts(e.others[:0], made)
	if i.condition != nil && i.condition(e).n == 0 {
		return nil, e.err
	}
	changed, err := apply(e, i.table, i.settings)
	if err != nil {
		return nil, err
	}
	i.table.update(before, changed, false)
	return nil, nil
}
