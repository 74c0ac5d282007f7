package commands_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mayActForInstallation lists every function that may use ForInstallation, and why no account limits it. Anything
// else must use ForAccount. Tests are free to use either.
const mayActForInstallation = `
	commands/origin.go                     Because      a policy follows an event of the installation
	commands/messaging/receipts.go         Receive      a receipt names a message and no account
	commands/outages/outages.go            detectorOrigin  outages belong to no account
	commands/commandstest/world.go         Anyone       tests that are not about authority share it
	commands/booking/sweeper.go            Sweep        it finishes what crashed in any account
	adapters/httpapi/internal/middleware/origin.go             authorityOf  a key of the installation, on a path without an account
	commands/people/people.go origin  an admin of the installation belongs to no account
	cmd/clickbook/erase.go eraseClient  the operator names a client and no account
	cmd/clickbook/internal/installation/first_start.go originOfKey  the first admin key belongs to no account
	cmd/clickbook/internal/installation/first_start.go AddSimulatedProviders   providers and routes belong to no account
	cmd/clickbook/internal/simulation/setup.go operate        the simulated operator: providers, routes, windows
	cmd/clickbook/internal/drill/world.go setUp               the operator of a drill: providers and routes
	cmd/clickbook/internal/demo/places.go operate             the operator of the demo: providers, routes, windows
`

func TestOnlyListedFunctionsActForTheInstallation(t *testing.T) {
	var want []string
	for line := range strings.Lines(strings.TrimSpace(mayActForInstallation)) {
		fields := strings.Fields(line)
		want = append(want, fields[0]+" "+fields[1])
	}
	slices.Sort(want)
	got := usersOf(t, "..", "ForInstallation")
	for _, user := range got {
		if !slices.Contains(want, user) {
			t.Errorf("%s acts for the installation and is not on the list: use ForAccount, or list it with its reason", user)
		}
	}
	for _, user := range want {
		if !slices.Contains(got, user) {
			t.Errorf("%s is on the list and does not act for the installation: remove it", user)
		}
	}
}

// TestUsersOfFindsEveryUse shows that the search sees a call, a renamed import, a function value and a variable.
func TestUsersOfFindsEveryUse(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "planted.go", `package planted
		import c "github.com/clickbook/clickbook/commands"
		var shared = c.ForInstallation(actor)
		func (h handler) called() { h.engine.Do(ctx, c.ForInstallation(actor), cmd) }
		func aliased() { make := c.ForInstallation; _ = make(actor) }
		func innocent() { c.ForAccount(account, actor) }
	`, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := usersIn(file, "ForInstallation"), []string{"shared", "called", "aliased"}; !slices.Equal(got, want) {
		t.Fatalf("found %v, want %v", got, want)
	}
}

// usersOf returns "file function" for each use of a name in the product's code under root, sorted.
func usersOf(t *testing.T, root, name string) (users []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		for _, user := range usersIn(file, name) {
			users = append(users, filepath.ToSlash(relative)+" "+user)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(users)
	return slices.Compact(users)
}

// usersIn returns the declarations that use a name, other than the one that declares it.
func usersIn(file *ast.File, name string) (users []string) {
	for _, decl := range file.Decls {
		var user string
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			user = decl.Name.Name
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if value, ok := spec.(*ast.ValueSpec); ok {
					user = value.Names[0].Name
				}
			}
		}
		if user == name {
			continue
		}
		uses := false
		ast.Inspect(decl, func(node ast.Node) bool {
			ident, ok := node.(*ast.Ident)
			uses = uses || ok && ident.Name == name
			return true
		})
		if uses {
			users = append(users, user)
		}
	}
	return users
}
