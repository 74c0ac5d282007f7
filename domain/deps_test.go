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

// dependencies is the dependency rule. A package may import packages of the lines above its own, never of its own
// line. The line of a folder is the first with a matching pattern, where * matches one name. After the colon are the
// third-party modules that the line may use, or * for any. Tests under domain obey the rule for our own packages,
// except that they may use domaintest. Other tests may import anything.
const dependencies = `
domain/zones
domain/internal/storedjson                           : github.com/google/uuid
domain                                               : github.com/google/uuid github.com/nyaruka/phonenumbers golang.org/x/text/unicode/norm
domain/domaintest domain/availability domain/*       : github.com/google/uuid
domain/policy/reminding                              : github.com/google/uuid
domain/policy/*                                      : github.com/google/uuid
projections/fold                                     : golang.org/x/text
projections/readmodel                                : github.com/google/uuid
projections/projector projections/directory          : github.com/google/uuid
commands/lanes
commands projections                                 : github.com/google/uuid github.com/hashicorp/golang-lru/v2
commands/aggregates commands/openings commands/links commands/pages : github.com/google/uuid
commands/booking commands/messaging commands/books   : github.com/google/uuid
commands/visiting                                    : github.com/google/uuid github.com/hashicorp/golang-lru/v2
commands/importing commands/outages commands/alerts  : github.com/google/uuid
commands/people                                      : github.com/google/uuid github.com/hashicorp/golang-lru/v2
commands/webhooks                                    : github.com/google/uuid
docs
commands/bookingtest                                 : github.com/google/uuid pgregory.net/rapid
adapters/internal/loopback                           : *
adapters/internal/*                                  : *
adapters/sqlite/dbfile                               : *
adapters/postgres/dbschema adapters/memory            : *
adapters/memory/views
adapters/sqlite/views                                : *
commands/commandstest                                : github.com/google/uuid
projections/projectiontest                           : *
adapters/httpapi/api adapters/httpapi/apikey         : *
adapters/httpapi/live adapters/httpapi/telling       : *
adapters/httpapi/internal/problem                    : *
adapters/httpapi/internal/openapi                    : *
adapters/httpapi/internal/middleware                 : *
adapters/passkeys/passkeystest                       : *
adapters/passkeys adapters/sso                        : *
adapters/httpapi/internal/members                    : *
adapters/ical adapters/sheet adapters/picture         : *
adapters/exporting                                   : *
adapters/sms adapters/web/ui                         : *
adapters/sms/carriertest adapters/sms/smppcodes      : *
adapters/* adapters/*/*                              : *
cmd/clickbook/internal/cli                           : *
cmd/clickbook/internal/heap
cmd/clickbook/internal/installation                  : *
cmd/clickbook/internal/virtual                       : *
cmd/clickbook/internal/*                             : *
cmd/*                                                : *
`

// modulePath is the path of our own module.
const modulePath = "github.com/clickbook/clickbook"

// layer is one line of the rule.
type layer struct{ patterns, modules []string }

// imports are the import paths used by one folder.
type imports struct{ code, tests []string }

func TestPackagesObeyTheDependencyRule(t *testing.T) {
	packages, err := walk("..")
	if err != nil {
		t.Fatal(err)
	}
	if _, found := packages["domain"]; !found {
		t.Fatal("the domain was not found: the walk started in the wrong folder")
	}
	for _, violation := range violations(parseRule(dependencies), packages) {
		t.Error(violation)
	}
}

// Commands decide and projections answer; each reads only the log. Lines of the rule cannot say this for packages on
// different lines.
func TestCommandsAndProjectionsNeverMeet(t *testing.T) {
	packages, err := walk("..")
	if err != nil {
		t.Fatal(err)
	}
	for folder, imported := range packages {
		root, _, _ := strings.Cut(folder, "/")
		other := map[string]string{"commands": modulePath + "/projections", "projections": modulePath + "/commands"}[root]
		if folder == "projections/projectiontest" {
			continue // a test kit needs the event types of every aggregate
		}
		for _, name := range imported.code {
			if other != "" && strings.HasPrefix(name, other) && name != modulePath+"/projections/fold" {
				t.Errorf("%s imports %s: commands and projections know nothing of each other", folder, name)
			}
		}
	}
}

// Each case plants one kind of violation and expects its sentence.
func TestDependencyRuleFires(t *testing.T) {
	planted := map[string]struct {
		packages map[string]imports
		want     []string
	}{
		"a valid tree": {map[string]imports{
			"domain":               {code: []string{"time", "github.com/google/uuid"}},
			"domain/client":        {[]string{modulePath + "/domain"}, []string{modulePath + "/domain/domaintest", "example.org/oracle"}},
			"domain/policy/alarm":  {code: []string{modulePath + "/domain/client"}},
			"commands":             {code: []string{modulePath + "/domain"}, tests: []string{modulePath + "/adapters/memory"}},
			"adapters/sms/carrier": {code: []string{modulePath + "/commands", "example.org/carrier"}},
			"cmd/clickbook":        {code: []string{modulePath + "/adapters/sms/carrier", "github.com/spf13/cobra"}},
		}, nil},
		"an aggregate imports another": {
			map[string]imports{"domain/client": {code: []string{modulePath + "/domain/account"}}},
			[]string{"domain/client imports domain/account, which is not on a line above its own"},
		},
		"a test of an aggregate imports another": {
			map[string]imports{"domain/client": {tests: []string{modulePath + "/domain/account"}}},
			[]string{"domain/client (test) imports domain/account, which is not on a line above its own"},
		},
		"the domain imports an adapter": {
			map[string]imports{"domain": {code: []string{modulePath + "/adapters/memory"}}},
			[]string{"domain imports adapters/memory, which is not on a line above its own"},
		},
		"projections import commands": {
			map[string]imports{"projections": {code: []string{modulePath + "/commands"}}},
			[]string{"projections imports commands, which is not on a line above its own"},
		},
		"a technology outside adapters": {
			map[string]imports{"commands": {code: []string{"zombiezen.com/go/sqlite"}}},
			[]string{"commands imports zombiezen.com/go/sqlite, a module its line may not use"},
		},
		"a module with the same prefix": {
			map[string]imports{"domain": {code: []string{"github.com/google/uuidx"}}},
			[]string{"domain imports github.com/google/uuidx, a module its line may not use"},
		},
		"a folder without a line": {
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

// lineOf returns the index of the line of a folder, or -1 if no line matches.
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
			itself := imported == modulePath+"/"+folder
			if itself || imported == modulePath+"/domain/domaintest" || !strings.HasPrefix(imported, modulePath) {
				continue
			}
			if why := forbids(layers, line, imported); why != "" {
				found = append(found, folder+" (test) imports "+why)
			}
		}
	}
	return found
}

// forbids returns why a package of that line may not import it, or "".
func forbids(layers []layer, line int, imported string) string {
	first, _, _ := strings.Cut(imported, "/")
	folder, ours := strings.CutPrefix(imported, modulePath+"/")
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

// walk returns the imports of every Go file under root, with any build tags, by folder.
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
		if _, err := os.Stat(filepath.Join(name, "go.mod")); entry.IsDir() && name != root && err == nil {
			return fs.SkipDir // a separate module, with its own dependencies
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
