package views

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/clickbook/clickbook/projections/readmodel"
)

// errBeyond reports a statement that only a database can run.
var errBeyond = errors.New("the statement is of a kind that is not run in memory")

// The expressions of statements.
type (
	parameter int // $1 is 0
	constant  value
	reference struct {
		column int
		other  bool // of the row that was not inserted
	}
	operation struct {
		operator    string
		left, right any
	}
	choice struct { // CASE
		conditions, results []any
		otherwise           any
	}
)

// parser reads one statement. After an error it reads nothing more.
type parser struct {
	words []string
	table *table // whose columns expressions name
	err   error
}

var word = regexp.MustCompile(`'[^']*'|\$[0-9]+|[0-9]+|[A-Za-z_][A-Za-z_0-9.]*|<>|<=|>=|\S`)

func (p *parser) fail(found string) {
	if p.err == nil {
		p.err = fmt.Errorf("%w: at %q", errBeyond, found)
	}
	p.words = nil
}

func (p *parser) peek() string {
	if len(p.words) == 0 {
		return ""
	}
	return p.words[0]
}

func (p *parser) next() string {
	first := p.peek()
	if first == "" {
		p.fail("the end")
		return ""
	}
	p.words = p.words[1:]
	return first
}

// has reads the words if they are next.
func (p *parser) has(words ...string) bool {
	if len(p.words) < len(words) || !slices.Equal(p.words[:len(words)], words) {
		return false
	}
	p.words = p.words[len(words):]
	return true
}

// must reads words that have to be next.
func (p *parser) must(words ...string) {
	if !p.has(words...) {
		p.fail(p.peek())
	}
}

// list calls read for each part of a list that is separated by commas.
func (p *parser) list(read func()) {
	for read(); p.has(","); {
		read()
	}
}

// columns reads a list of columns of the table.
func (p *parser) columns() (columns []int) {
	p.list(func() {
		name := p.next()
		i := p.table.column(name)
		if i < 0 {
			p.fail(name)
		}
		columns = append(columns, i)
	})
	return columns
}

func (p *parser) expressions() (list []any) {
	p.list(func() { list = append(list, p.expression()) })
	return list
}

// operators are by precedence, the weakest first.
var operators = [][]string{{"OR"}, {"AND"}, {"=", "<>", "<", ">", "<=", ">=", "IN"}, {"+", "-"}, {"*"}}

func (p *parser) expression() any { return p.operation(0) }

func (p *parser) operation(level int) any {
	if level == len(operators) {
		return p.operand()
	}
	left := p.operation(level + 1)
	for slices.Contains(operators[level], p.peek()) {
		operator := p.next()
		if operator != "IN" {
			left = operation{operator, left, p.operation(level + 1)}
			continue
		}
		p.must("(")
		var either any
		p.list(func() {
			one := any(operation{"=", left, p.expression()})
			if either != nil {
				one = operation{"OR", either, one}
			}
			either = one
		})
		p.must(")")
		left = either
	}
	return left
}

func (p *parser) operand() any {
	switch first := p.next(); {
	case first == "(":
		inner := p.expression()
		p.must(")")
		return inner
	case first == "CASE":
		return p.choice()
	case first == "CAST": // for PostgreSQL, which must know the type of a parameter
		p.must("(")
		inner := p.expression()
		p.must("AS")
		if !p.has("BIGINT") {
			p.must("TEXT")
		}
		p.must(")")
		return inner
	case strings.HasPrefix(first, "'"):
		return constant{kind: readmodel.KindText, s: first[1 : len(first)-1]}
	case strings.HasPrefix(first, "$"):
		n, err := strconv.Atoi(first[1:])
		if err != nil || n < 1 {
			p.fail(first)
		}
		return parameter(n - 1)
	default:
		if n, err := strconv.ParseInt(first, 10, 64); err == nil {
			return constant{kind: readmodel.KindInt, n: n}
		}
		return p.reference(first)
	}
}

func (p *parser) choice() any {
	var made choice
	for p.has("WHEN") {
		made.conditions = append(made.conditions, p.expression())
		p.must("THEN")
		made.results = append(made.results, p.expression())
	}
	p.must("ELSE")
	made.otherwise = p.expression()
	p.must("END")
	return made
}

func (p *parser) reference(name string) any {
	of, column, qualified := strings.Cut(name, ".")
	if !qualified {
		of, column = p.table.Name, name
	}
	i := p.table.column(column)
	if i < 0 || of != "excluded" && of != p.table.Name {
		p.fail(name)
	}
	return reference{i, of == "excluded"}
}
