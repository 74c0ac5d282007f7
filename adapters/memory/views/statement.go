package views

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// plan runs a compiled statement and returns the rows of its result.
type plan func(*env) ([]string, error)

func (s *Scratch) compile(sql string) (plan, error) {
	p := &parser{words: word.FindAllString(sql, -1)}
	var run plan
	switch {
	case p.has("INSERT", "INTO"):
		run = p.insert(s)
	case p.has("UPDATE"):
		run = p.update(s)
	case p.has("DELETE", "FROM"):
		run = p.delete(s)
	case p.has("SELECT"):
		run = p.query(s)
	default:
		p.fail(p.peek())
	}
	if len(p.words) > 0 {
		p.fail(p.peek())
	}
	if p.err != nil {
		return nil, fmt.Errorf("%w of %s", p.err, sql)
	}
	return run, nil
}

// on reads the name of a table, whose columns expressions name from here on.
func (p *parser) on(s *Scratch) *table {
	name := p.next()
	if p.table = s.tables[name]; p.table == nil {
		p.fail(name)
		p.table = new(table)
	}
	return p.table
}

// setting is a column with its new value.
type setting struct {
	column int
	to     expression
}

// settings reads "column = expression, …". They are sorted by column.
func (p *parser) settings() (list []setting, rekeys bool) {
	p.list(func() {
		name := p.next()
		column := p.table.column(name)
		if column < 0 {
			p.fail(name)
		}
		p.must("=")
		list = append(list, setting{column, compile(p.expression())})
		rekeys = rekeys || slices.Contains(p.table.key, column)
	})
	slices.SortFunc(list, func(a, b setting) int { return cmp.Compare(a.column, b.column) })
	return list, rekeys
}

// apply returns the present row with new values.
func apply(e *env, t *table, list []setting) (string, error) {
	packed, from := e.packed[:0], 0
	for _, one := range list {
		packed = append(packed, e.row[from:e.starts[one.column]]...)
		v := one.to(e)
		if err := t.check(one.column, v); err != nil {
			return "", err
		}
		packed, from = v.pack(packed), e.starts[one.column+1]
	}
	e.packed = append(packed, e.row[from:]...)
	return string(e.packed), e.err
}

func (t *table) check(column int, v value) error {
	if want := t.columns[column]; v.kind != want.kind {
		return fmt.Errorf("column %s of %s is given a value of kind %c", want.name, t.Name, v.kind)
	}
	return nil
}

func (p *parser) update(s *Scratch) plan {
	t := p.on(s)
	p.must("SET")
	list, rekeys := p.settings()
	found := p.where()
	returned := p.returning(found)
	return func(e *env) (rows []string, err error) {
		for _, one := range found.matches(e) {
			e.load(one.row)
			packed, err := apply(e, t, list)
			if err != nil {
				return nil, err
			}
			if !t.update(one, packed, rekeys) {
				return nil, fmt.Errorf("a statement gives two rows of %s the same key", t.Name)
			}
			if returned != nil {
				rows = append(rows, project(e, packed, returned))
			}
		}
		return rows, e.err
	}
}

func (p *parser) delete(s *Scratch) plan {
	t := p.on(s)
	found := p.where()
	returned := p.returning(found)
	return func(e *env) (rows []string, err error) {
		for _, one := range found.matches(e) {
			if e.err != nil {
				break
			}
			if returned != nil {
				rows = append(rows, project(e, one.row, returned))
			}
			t.delete(one)
		}
		return rows, e.err
	}
}

// returning reads RETURNING. The order of several rows would depend on the database.
func (p *parser) returning(found search) []expression {
	if !p.has("RETURNING") {
		return nil
	}
	if !found.single {
		p.fail("RETURNING")
	}
	return compileAll(p.expressions())
}

// project returns a row of expressions on a row.
func project(e *env, packed string, list []expression) string {
	e.load(packed)
	e.packed = e.packed[:0]
	for _, one := range list {
		e.packed = one(e).pack(e.packed)
	}
	return string(e.packed)
}

func (p *parser) query(s *Scratch) plan {
	from := slices.Index(p.words, "FROM")
	if from < 0 {
		p.fail("SELECT")
		return nil
	}
	selected := p.words[:from] // read after the table, whose columns it names
	p.words = p.words[from+1:]
	p.on(s)
	rest := p.words
	var list []expression
	if !slices.Equal(selected, []string{"*"}) {
		p.words = selected
		list = compileAll(p.expressions())
		if len(p.words) > 0 {
			p.fail(p.peek())
		}
	}
	if p.err != nil {
		return nil
	}
	p.words = rest
	found := p.where()
	sorted, limit := p.order(found)
	return func(e *env) (rows []string, err error) {
		entries := found.matches(e)
		sorted(entries)
		if limit > 0 {
			entries = entries[:min(limit, len(entries))]
		}
		rows = make([]string, len(entries))
		for i, one := range entries {
			if rows[i] = one.row; list != nil {
				rows[i] = project(e, one.row, list)
			}
		}
		return rows, e.err
	}
}

// order reads ORDER BY and LIMIT. Several rows need an order.
func (p *parser) order(found search) (sorted func([]*entry), limit int) {
	var by []int
	if p.has("ORDER", "BY") {
		by = p.columns()
	} else if !found.single {
		p.fail("the end")
	}
	if p.has("LIMIT") {
		if limit, _ = strconv.Atoi(p.next()); limit < 1 {
			p.fail("LIMIT")
		}
	}
	t := p.table
	if slices.Equal(by, t.key) {
		return func(entries []*entry) {
			if !slices.IsSortedFunc(entries, byKey) {
				slices.SortFunc(entries, byKey)
			}
		}, limit
	}
	return func(entries []*entry) {
		if len(entries) < 2 {
			return
		}
		slices.SortFunc(entries, func(a, b *entry) int {
			for _, column := range by {
				x, y := columnOf(a.row, column), columnOf(b.row, column)
				if sign := cmp.Or(cmp.Compare(x.n, y.n), cmp.Compare(x.s, y.s)); sign != 0 {
					return sign
				}
			}
			return 0
		})
	}, limit
}

func byKey(a, b *entry) int { return cmp.Compare(a.key, b.key) }
