// Package zoneinfo reads time zone tables from the disk: one that an operator puts in force, and the version of the
// machine's own, which is compared and never used.
package zoneinfo

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"os"

	"github.com/clickbook/clickbook/domain/zones"
)

// Open reads a table from a directory as zic makes it, such as /usr/share/zoneinfo, or from a zip of one. Zones that it
// lacks are taken from base. It reads everything at once: later changes of the files have no effect.
func Open(path string, base *zones.Table) (*zones.Table, error) {
	table, err := read(path, base)
	if err != nil {
		return nil, fmt.Errorf("cannot read time zones from %s: %w", path, err)
	}
	return table, nil
}

func read(path string, base *zones.Table) (*zones.Table, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return zones.Read(os.DirFS(path), sourceOf(path), base)
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	table, err := zones.Read(archive, sourceOf(path), base)
	return table, errors.Join(err, archive.Close())
}

// sourceOf names the variable that the path is from, so a reader knows whose choice it was.
func sourceOf(path string) string { return "ZONEINFO " + path }

// machine are the places where systems keep their table.
var machine = []string{"/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"}

// MachineVersion returns the version of the machine's table, such as 2026f, or "" if it has none or does not say.
func MachineVersion() (version string) {
	for _, path := range machine {
		version = cmp.Or(version, zones.VersionOf(os.DirFS(path)))
	}
	return version
}

// Warnings returns what an operator should know about the table in force, given the version of the machine's.
func Warnings(table *zones.Table, machine string) []string {
	var warnings []string
	if table.Missing() > 0 {
		warnings = append(warnings, fmt.Sprintf("%d time zones are not in %s and are taken from the embedded table %s",
			table.Missing(), table.Source(), zones.Embedded().Version()))
	}
	if zones.Newer(machine, table.Version()) {
		warnings = append(warnings, fmt.Sprintf("the time zone table in force is %s and this machine has %s: "+
			"update ClickBook, or set ZONEINFO; see the operations guide", table.Version(), machine))
	}
	return warnings
}
