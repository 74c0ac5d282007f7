package views

// search finds the rows that a condition is about.
type search struct {
	table  *table
	single bool         // at most one row
	find   func(*env)   // appends the rows that may match to found
	rest   []expression // the conditions to check for each
}

// where reads a condition, if there is one.
func (p *parser) where() search {
	found := search{table: p.table}
	var conditions []any
	if p.has("WHERE") {
		conditions = conjuncts(p.expression())
	}
	if p.err != nil {
		return found
	}
	fixed := make(map[int]any) // columns that equal something
	at := make(map[int]int)    // and the place of that condition
	for i, condition := range conditions {
		o, _ := condition.(operation)
		if c, ok := o.left.(reference); ok && o.operator == "=" && isFixed(o.right) && fixed[c.column] == nil {
			fixed[c.column], at[c.column] = o.right, i
		}
	}
	if found.byKey(fixed) {
		for _, column := range p.table.key {
			conditions[at[column]] = nil
		}
	} else if !found.byIndex(fixed) && !found.byOrder(conditions) {
		found.find = func(e *env) { e.found = append(e.found, p.table.entries()...) }
	}
	for _, condition := range conditions {
		if condition != nil {
			found.rest = append(found.rest, compile(condition))
		}
	}
	return found
}

// byKey finds the row by its key, if the condition says all of it.
func (s *search) byKey(fixed map[int]any) bool {
	parts := make([]expression, len(s.table.key))
	for i, column := range s.table.key {
		if fixed[column] == nil {
			return false
		}
		parts[i] = compile(fixed[column])
	}
	s.single = true
	s.find = func(e *env) {
		e.keyed = e.keyed[:0]
		for i, part := range parts {
			v := s.comparable(e, s.table.key[i], part(e))
			e.keyed = appendKey(e.keyed, v, i == len(parts)-1)
		}
		if one := s.table.rows[string(e.keyed)]; one != nil {
			e.found = append(e.found, one)
		}
	}
	return true
}

// byIndex finds rows by one column that is first in the key or in an index.
func (s *search) byIndex(fixed map[int]any) bool {
	for column := range s.table.columns {
		if fixed[column] == nil || !s.table.isIndexed(column) {
			continue
		}
		index, equals := s.table.equalBy(column), compile(fixed[column])
		s.find = func(e *env) {
			e.keyed = appendKey(e.keyed[:0], s.comparable(e, column, equals(e)), true)
			e.found = append(e.found, index.rows[string(e.keyed)]...)
		}
		return true
	}
	return false
}

// byOrder finds the rows that are below a limit, by an index.
func (s *search) byOrder(conditions []any) bool {
	for _, condition := range conditions {
		o, _ := condition.(operation)
		c, ok := o.left.(reference)
		if ok && o.operator == "<" && isFixed(o.right) && s.table.isIndexed(c.column) {
			index, limit := s.table.earlierBy(c.column), compile(o.right)
			s.find = func(e *env) { e.found = index.before(s.comparable(e, c.column, limit(e)).n, e.found) }
			return true
		}
	}
	return false
}

// comparable returns the value to compare a column with.
func (s *search) comparable(e *env, column int, v value) value {
	if want := s.table.columns[column]; v.kind != want.kind {
		e.fail("a statement compares %s of %s with a value of kind %c", want.name, s.table.Name, v.kind)
	}
	return v
}

// matches appends the rows that match to found. It keeps only those.
func (s *search) matches(e *env) []*entry {
	e.found = e.found[:0]
	s.find(e)
	kept := e.found[:0]
	for _, one := range e.found {
		if s.accepts(e, one) {
			kept = append(kept, one)
		}
	}
	e.found = kept
	return kept
}

func (s *search) accepts(e *env, one *entry) bool {
	if len(s.rest) == 0 {
		return true
	}
	e.load(one.row)
	for _, is := range s.rest {
		if is(e).n == 0 {
			return false
		}
	}
	return true
}
