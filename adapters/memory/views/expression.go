package views

import "github.com/clickbook/clickbook/projections/readmodel"

// expression is a compiled expression.
type expression func(*env) value

func compileAll(parsed []any) []expression {
	compiled := make([]expression, len(parsed))
	for i, one := range parsed {
		compiled[i] = compile(one)
	}
	return compiled
}

func compile(parsed any) expression {
	switch p := parsed.(type) {
	case parameter:
		return func(e *env) value { return e.arg(int(p)) }
	case constant:
		return func(*env) value { return value(p) }
	case reference:
		if p.other {
			return func(e *env) value { return unpack(e.other, e.others[p.column]) }
		}
		return func(e *env) value { return unpack(e.row, e.starts[p.column]) }
	case choice:
		return p.compile()
	case operation:
		return p.compile()
	}
	return nil // after an error of the parser
}

func (c choice) compile() expression {
	conditions, results, otherwise := compileAll(c.conditions), compileAll(c.results), compile(c.otherwise)
	return func(e *env) value {
		for i, is := range conditions {
			if is(e).n != 0 {
				return results[i](e)
			}
		}
		return otherwise(e)
	}
}

func (o operation) compile() expression {
	left, right := compile(o.left), compile(o.right)
	comparison := func(is func(int) bool) expression {
		return func(e *env) value { return truth(is(e.compare(left(e), right(e)))) }
	}
	calculation := func(of func(a, b int64) int64) expression {
		return func(e *env) value {
			a, b := left(e), right(e)
			if a.kind != readmodel.KindInt || b.kind != readmodel.KindInt {
				return e.fail("a statement calculates with a value that is no integer")
			}
			return value{kind: readmodel.KindInt, n: of(a.n, b.n)}
		}
	}
	switch o.operator {
	case "AND":
		return func(e *env) value { return truth(left(e).n != 0 && right(e).n != 0) }
	case "OR":
		return func(e *env) value { return truth(left(e).n != 0 || right(e).n != 0) }
	case "=":
		return comparison(func(sign int) bool { return sign == 0 })
	case "<>":
		return comparison(func(sign int) bool { return sign != 0 })
	case "<":
		return comparison(func(sign int) bool { return sign < 0 })
	case ">":
		return comparison(func(sign int) bool { return sign > 0 })
	case "<=":
		return comparison(func(sign int) bool { return sign <= 0 })
	case ">=":
		return comparison(func(sign int) bool { return sign >= 0 })
	case "+":
		return calculation(func(a, b int64) int64 { return a + b })
	case "-":
		return calculation(func(a, b int64) int64 { return a - b })
	default:
		return calculation(func(a, b int64) int64 { return a * b })
	}
}

// conjuncts returns the conditions that AND combines.
func conjuncts(condition any) []any {
	if o, ok := condition.(operation); ok && o.operator == "AND" {
		return append(conjuncts(o.left), conjuncts(o.right)...)
	}
	return []any{condition}
}

// isFixed reports whether an expression has the same value for all rows.
func isFixed(parsed any) bool {
	switch parsed.(type) {
	case parameter, constant:
		return true
	}
	return false
}
