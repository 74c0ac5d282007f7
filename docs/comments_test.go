package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// comments are what Go files say about their types, and about fields by "Type.Field", on one line each.
type comments struct{ types, fields map[string]string }

// readComments reads the Go files of the folders; the first that speaks of a name is believed.
func readComments(t *testing.T, folders ...string) comments {
	t.Helper()
	all := comments{make(map[string]string), make(map[string]string)}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			for _, declaration := range parsed.Decls {
				if general, ok := declaration.(*ast.GenDecl); ok && general.Tok == token.TYPE {
					all.read(general)
				}
			}
		}
	}
	return all
}

func (c comments) read(declaration *ast.GenDecl) {
	for _, spec := range declaration.Specs {
		named := spec.(*ast.TypeSpec)
		about := oneLine(named.Doc)
		if about == "" && len(declaration.Specs) == 1 {
			about = oneLine(declaration.Doc)
		}
		if _, known := c.types[named.Name.Name]; known {
			continue
		}
		c.types[named.Name.Name] = about
		fields, ok := named.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, field := range fields.Fields.List {
			note := strings.TrimSpace(oneLine(field.Doc) + " " + oneLine(field.Comment))
			for _, name := range field.Names {
				c.fields[named.Name.Name+"."+name.Name] = note
			}
		}
	}
}

func oneLine(group *ast.CommentGroup) string { return strings.Join(strings.Fields(group.Text()), " ") }
