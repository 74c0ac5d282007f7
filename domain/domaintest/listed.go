package domaintest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/clickbook/clickbook/domain"
)

// eventSource is what the source of a package says about one event type.
type eventSource struct {
	hasName bool   // it declares EventType
	stored  string // the string that EventType returns; "" when it is not a literal
}

// checkListed compares the event types in the source of a package with Types. It returns one sentence for each type
// that declares EventType or evolve and is missing from Types, and for each stored name that differs from its Go
// type. The compiler accepts both mistakes: a decision could return the missing event, and no store could read it
// back.
func checkListed(dir string, types domain.Types) (faults []string, err error) {
	found, err := eventsIn(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		listed := slices.ContainsFunc(types, func(t domain.Type) bool { return t.Go.Name() == name })
		switch source := found[name]; {
		case !source.hasName:
			faults = append(faults, fmt.Sprintf("%s has an evolve method but no EventType: add it and list it in Types", name))
		case !listed:
			faults = append(faults, fmt.Sprintf("%s is an event but missing from Types: add domain.TypeOf[%s]()", name, name))
		case source.stored != name:
			faults = append(faults, fmt.Sprintf("%s is stored as %q: EventType must return the literal %q",
				name, source.stored, name))
		}
	}
	return faults, nil
}

// eventsIn reads the source files of a package, tests excluded, and returns its event types by name.
func eventsIn(dir string) (map[string]eventSource, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	found := make(map[string]eventSource)
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, declaration := range file.Decls {
			method, ok := declaration.(*ast.FuncDecl)
			if !ok || method.Recv == nil {
				continue
			}
			source := found[receiverName(method)]
			switch method.Name.Name {
			case "EventType":
				source.hasName, source.stored = true, returnedLiteral(method)
			case "evolve":
			default:
				continue
			}
			found[receiverName(method)] = source
		}
	}
	return found, nil
}

// receiverName returns the type that a method belongs to.
func receiverName(method *ast.FuncDecl) string {
	expression := method.Recv.List[0].Type
	if pointer, ok := expression.(*ast.StarExpr); ok {
		expression = pointer.X
	}
	if name, ok := expression.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

// returnedLiteral returns the string of a method whose body is a single `return "…"`, or "".
func returnedLiteral(method *ast.FuncDecl) string {
	if method.Body == nil || len(method.Body.List) != 1 {
		return ""
	}
	statement, ok := method.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(statement.Results) != 1 {
		return ""
	}
	literal, ok := statement.Results[0].(*ast.BasicLit)
	if !ok {
		return ""
	}
	text, err := strconv.Unquote(literal.Value)
	if err != nil {
		return ""
	}
	return text
}
