package domain_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// dependencies is the dependency rule. A package may import packages of lines above its own, never of its own
// line. The first line with a pattern that fits a folder is its line; * stands for one name. After the colon
// stand the modules of others that the line may use, * for any. Tests under domain are held to the rule for what
// is ours, with domaintest besides; elsewhere a test may import what it needs to stand in for the world.
const dependencies = `
domain                                               : github.com/google/uuid github.com/nyaruka/phonenumbers
domain/domaintest domain/availability domain/*       : github.com/google/uuid
domain/policy/*                                      : github.com/google/uuid
projections/fold                                     : golang.org/x/text
projections/readmodel                                : github.com/google/uuid
projections/projector projections/directory          : github.com/google/uuid
commands projections                                 : github.com/google/uuid
commands/aggregates commands/openings
commands/booking commands/messaging commands/books   : github.com/google/uuid
commands/importing                                   : github.com/google/uuid
docs
commands/bookingtest                                 : github.com/google/uuid pgregory.net/rapid
adapters/internal/*                                  : *
adapters/sqlite/dbfile                               : *
adapters/postgres/dbschema adapters/memory            : *
adapters/sqlite/views                                : *
commands/commandstest                                : github.com/google/uuid
adapters/httpapi/api adapters/httpapi/apikey         : *
adapters/httpapi/internal/problem                    : *
adapters/httpapi/internal/openapi                    : *
adapters/httpapi/internal/middleware                 : *
adapters/* adapters/*/*                              : *
cmd/clickbook/internal/cli                           : *
cmd/clickbook/internal/installation                  : *
cmd/clickbook/internal/*                             : *
cmd/*                                                : *
`

// house is the path of our own module.
const house = "github.com/clickbook/clickbook"

// layer is one line of the rule.
type layer struct{ patterns, modules []string }

// imports are the import paths of one folder.
type imports struct{ code, tests []string }

func TestPackagesObeyTheDependencyRule(t *testing.T) {
	packages, err := walk("..")
	if err != nil {
		t.Fatal(err)
	}
	if _, found := packages["domain"]; !found {
		t.Fatal("the walk did not find the domain: it starts in the wrong folder")
	}
	for _, violation := range violations(parseRule(dependencies), packages) {
		t.Error(violation)
	}
}

// TestDependencyRuleFires plants one violation of each kind and expects its sentence.
func TestDependencyRuleFires(t *testing.T) {
	planted := map[string]struct {
		packages map[string]imports
		want     []string
	}{
		"a tree in order": {map[string]imports{
			"domain":               {code: []string{"time", "github.com/google/uuid"}},
			"domain/client":        {[]string{house + "/domain"}, []string{house + "/domain/domaintest", "example.org/oracle"}},
			"domain/policy/alarm":  {code: []string{house + "/domain/client"}},
			"commands":             {code: []string{house + "/domain"}, tests: []string{house + "/adapters/memory"}},
			"adapters/sms/carrier": {code: []string{house + "/commands", "example.org/carrier"}},
			"cmd/clickbook":        {code: []string{house + "/adapters/sms/carrier", "github.com/spf13/cobra"}},
		}, nil},
		"two aggregates meet": {
			map[string]imports{"domain/client": {code: []string{house + "/domain/account"}}},
			[]string{"domain/client imports domain/account, which is not on a line above its own"},
		},
		"two aggregates meet in a test": {
			map[string]imports{"domain/client": {tests: []string{house + "/domain/account"}}},
			[]string{"domain/client (test) imports domain/account, which is not on a line above its own"},
		},
		"the domain looks outside": {
			map[string]imports{"domain": {code: []string{house + "/adapters/memory"}}},
			[]string{"domain imports adapters/memory, which is not on a line above its own"},
		},
		"commands and projections meet": {
			map[string]imports{"projections": {code: []string{house + "/commands"}}},
			[]string{"projections imports commands, which is not on a line above its own"},
		},
		"a technology outside adapters": {
			map[string]imports{"commands": {code: []string{"zombiezen.com/go/sqlite"}}},
			[]string{"commands imports zombiezen.com/go/sqlite, a module its line may not use"},
		},
		"a module whose name only begins alike": {
			map[string]imports{"domain": {code: []string{"github.com/google/uuidx"}}},
			[]string{"domain imports github.com/google/uuidx, a module its line may not use"},
		},
		"a folder nobody planned": {
			map[string]imports{"helpers": {}},
			[]string{"helpers is on no line of the rule"},
		},
	}
	for name, plant := range planted {
		t.Run(name, func(t *testing.T) {
			got := violations(parseRule(dependencies), plant.packages)
			if !reflect.DeepEqual(got, plant.want) {
				t.Errorf("got %q, want %q", got, plant.want)
			}
		})
	}
}

func parseRule(text string) []layer {
	var layers []layer
	for line := range strings.Lines(strings.TrimSpace(text)) {
		patterns, modules, _ := strings.Cut(line, ":")
		layers = append(layers, layer{strings.Fields(patterns), strings.Fields(modules)})
	}
	return layers
}

// lineOf is the index of a folder's line, -1 when no line names it.
func lineOf(layers []layer, folder string) int {
	return slices.IndexFunc(layers, func(l layer) bool {
		return slices.ContainsFunc(l.patterns, func(pattern string) bool {
			fits, err := path.Match(pattern, folder)
			return fits && err == nil
		})
	})
}

func violations(layers []layer, packages map[string]imports) []string {
	var found []string
	for _, folder := range slices.Sorted(maps.Keys(packages)) {
		line := lineOf(layers, folder)
		if line < 0 {
			found = append(found, folder+" is on no line of the rule")
			continue
		}
		for _, imported := range packages[folder].code {
			if why := forbids(layers, line, imported); why != "" {
				found = append(found, folder+" imports "+why)
			}
		}
		if folder != "domain" && !strings.HasPrefix(folder, "domain/") {
			continue
		}
		for _, imported := range packages[folder].tests {
			itself := imported == house+"/"+folder
			if itself || imported == house+"/domain/domaintest" || !strings.HasPrefix(imported, house) {
				continue
			}
			if why := forbids(layers, line, imported); why != "" {
				found = append(found, folder+" (test) imports "+why)
			}
		}
	}
	return found
}

// forbids says why a package of that line may not import it, or "" when it may.
func forbids(layers []layer, line int, imported string) string {
	first, _, _ := strings.Cut(imported, "/")
	folder, ours := strings.CutPrefix(imported, house+"/")
	switch {
	case ours:
		if other := lineOf(layers, folder); other < 0 || other >= line {
			return folder + ", which is not on a line above its own"
		}
	case strings.Contains(first, "."):
		allowed := slices.ContainsFunc(layers[line].modules, func(module string) bool {
			return module == "*" || imported == module || strings.HasPrefix(imported, module+"/")
		})
		if !allowed {
			return imported + ", a module its line may not use"
		}
	}
	return ""
}

// walk reads the imports of every Go file under root, whatever its build tags, by folder.
func walk(root string) (map[string]imports, error) {
	packages := make(map[string]imports)
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() && name != root &&
			(base == "testdata" || base == "node_modules" || base[0] == '.' || base[0] == '_') {
			return fs.SkipDir
		}
		if entry.IsDir() || filepath.Ext(base) != ".go" {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return fmt.Errorf("read the imports of %s: %w", name, err)
		}
		relative, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		folder := filepath.ToSlash(relative)
		known := packages[folder]
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			list := &known.code
			if strings.HasSuffix(base, "_test.go") {
				list = &known.tests
			}
			if !slices.Contains(*list, imported) {
				*list = append(*list, imported)
			}
		}
		packages[folder] = known
		return nil
	})
	return packages, err
}

func TestWalkReadsImportsByFolder(t *testing.T) {
	root := t.TempDir()
	files := map[string]string{
		"domain/a.go":             "package domain\nimport \"time\"\n",
		"domain/a_test.go":        "package domain\nimport \"testing\"\n",
		"adapters/x/windows.go":   "//go:build windows\n\npackage x\nimport \"os\"\n",
		"domain/testdata/skip.go": "package skip\nimport \"net\"\n",
		".ci/skip.go":             "package skip\nimport \"net\"\n",
	}
	for name, text := range files {
		full := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := walk(root)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]imports{
		"domain":     {code: []string{"time"}, tests: []string{"testing"}},
		"adapters/x": {code: []string{"os"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
