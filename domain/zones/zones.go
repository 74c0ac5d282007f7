// Package zones is the time zone table of the product. It is embedded, so two machines never read a clock differently,
// and it can be replaced without a new binary. The table of the machine and the one inside Go are never read.
//
// The package knows names and rules. Which names an account may use is for domain.ParseZone to say.
package zones

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Entries of a table that are not zones. The first is the convention of IANA, the second is ours.
const (
	VersionEntry = "+VERSION" // such as 2026f
	SourceEntry  = "+SOURCE"  // where the table is from, in its first line
)

// Table is one release of the rules of all time zones. It does not change, and its methods may be called at once.
type Table struct {
	version, source string
	files           map[string][]byte // compiled by zic, by name
	missing         int               // names that were taken from the base
	parsed          sync.Map          // name to *time.Location
	checksum        func() string
}

// ErrNoZones refuses a place without a compiled zone.
var ErrNoZones = errors.New("no compiled time zone is in it: give a directory as zic makes, or a zip of one")

// Read reads every compiled zone of a directory tree such as /usr/share/zoneinfo, and checks it. A name that the tree
// lacks is taken from base, which may be nil.
func Read(tree fs.FS, source string, base *Table) (*Table, error) {
	files := make(map[string][]byte)
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (name == "posix" || name == "right") {
			return fs.SkipDir // the same zones again, and those with leap seconds
		}
		if entry.IsDir() || notZones[name] || strings.HasPrefix(entry.Name(), ".") && name != "." {
			return nil
		}
		content, err := fs.ReadFile(tree, name)
		switch {
		case err != nil && entry.Type()&fs.ModeSymlink != 0:
			return nil // a link to elsewhere, or to a directory
		case err != nil:
			return err
		case !bytes.HasPrefix(content, []byte("TZif")):
			return nil // such as zone.tab
		}
		if _, err := time.LoadLocationFromTZData(name, content); err != nil {
			return fmt.Errorf("%s is damaged: %w", name, err)
		}
		files[name] = content
		return nil
	})
	if err == nil && len(files) == 0 {
		err = ErrNoZones
	}
	if err != nil {
		return nil, err
	}
	return newTable(VersionOf(tree), source, files, base), nil
}

// notZones are links of a machine to its own zone, and the zone of a machine that was never set up.
var notZones = map[string]bool{"localtime": true, "posixrules": true, "Factory": true}

func newTable(version, source string, files map[string][]byte, base *Table) *Table {
	t := &Table{version: version, source: source, files: files}
	if base != nil {
		for name, content := range base.files {
			if _, has := files[name]; !has {
				files[name] = content
				t.missing++
			}
		}
	}
	t.checksum = sync.OnceValue(func() string {
		sum := sha256.New()
		for _, name := range slices.Sorted(maps.Keys(files)) {
			fmt.Fprintf(sum, "%s %d\n", name, len(files[name]))
			sum.Write(files[name])
		}
		return hex.EncodeToString(sum.Sum(nil))
	})
	return t
}

// VersionOf returns the version that a directory tree of zones gives itself, such as 2026f, or "" if it gives none.
func VersionOf(tree fs.FS) string {
	if version := firstLine(tree, VersionEntry); version != "" {
		return version
	}
	version, found := strings.CutPrefix(firstLine(tree, "tzdata.zi"), "# version ")
	if !found {
		return ""
	}
	return version
}

func firstLine(tree fs.FS, name string) string {
	file, err := tree.Open(name)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }() // it was only read
	head := make([]byte, 200)
	n, _ := file.Read(head) // what cannot be read says nothing
	line, _, _ := strings.Cut(string(head[:n]), "\n")
	return strings.TrimSpace(line)
}

// Version returns the release of the table, such as 2026f, or "unknown" if it does not say.
func (t *Table) Version() string { return cmp.Or(t.version, "unknown") }

// Source says where the table is from.
func (t *Table) Source() string { return t.source }

// Missing returns how many zones were taken from the base, because the table itself lacks them.
func (t *Table) Missing() int { return t.missing }

// Checksum returns the SHA-256 of the names and rules, in hexadecimal. Tables with the same one read every clock alike.
func (t *Table) Checksum() string { return t.checksum() }

// Names returns every name, sorted.
func (t *Table) Names() []string { return slices.Sorted(maps.Keys(t.files)) }

// Rules returns the compiled rules of a name, as zic writes them, or nil. The caller must not change them.
func (t *Table) Rules(name string) []byte { return t.files[name] }

// Load returns the zone of a name, which is case-sensitive, or false. It is the only place that makes a
// *time.Location from rules.
func (t *Table) Load(name string) (*time.Location, bool) {
	if zone, ok := t.parsed.Load(name); ok {
		return zone.(*time.Location), true
	}
	content, ok := t.files[name]
	if !ok {
		return nil, false
	}
	zone, err := time.LoadLocationFromTZData(name, content)
	if err != nil {
		return nil, false
	}
	kept, _ := t.parsed.LoadOrStore(name, zone)
	return kept.(*time.Location), true
}

var inForce atomic.Pointer[Table]

// Current returns the table in force: the embedded one, unless the program has chosen another.
func Current() *Table {
	if t := inForce.Load(); t != nil {
		return t
	}
	return Embedded()
}

// Use puts a table in force, for the whole process. nil means the embedded one. Instants that were resolved before are
// not resolved again.
func Use(t *Table) { inForce.Store(t) }

// Newer reports whether a version such as 2026f is later than another. A version of another form is never newer.
func Newer(version, than string) bool {
	return released(version) && released(than) && version > than
}

// released reports whether a text is a version of IANA: the year, then a to z, then za to zz.
func released(version string) bool {
	return len(version) >= 5 && len(version) <= 6 && strings.Trim(version[:4], "0123456789") == "" &&
		strings.Trim(version[4:], "abcdefghijklmnopqrstuvwxyz") == ""
}
