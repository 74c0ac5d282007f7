package zoneinfo_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/clickbook/clickbook/adapters/zoneinfo"
	"github.com/clickbook/clickbook/domain/zones"
)

// directory writes a table of one zone that names its version.
func directory(t *testing.T, version string) string {
	t.Helper()
	path := t.TempDir()
	err := os.CopyFS(path, fstest.MapFS{
		"Europe/Berlin": {Data: zones.Embedded().Rules("UTC")}, "+VERSION": {Data: []byte(version + "\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenReadsDirectoryAndZip(t *testing.T) {
	table, err := zoneinfo.Open(directory(t, "2099a"), zones.Embedded())
	if err != nil || table.Version() != "2099a" || !strings.HasPrefix(table.Source(), "ZONEINFO /") {
		t.Fatalf("the directory gave %+v, %v", table, err)
	}
	table, err = zoneinfo.Open("../../domain/zones/zones.zip", nil)
	if err != nil || table.Checksum() != zones.Embedded().Checksum() || table.Version() != zones.Embedded().Version() {
		t.Errorf("the zip of the embedded table gave %+v, %v", table, err)
	}
}

func TestOpenFollowsLinksBetweenZones(t *testing.T) {
	path := directory(t, "2099a")
	for name, target := range map[string]string{
		"Germany": "Europe/Berlin", "localtime": "/etc/nowhere", "Elsewhere": "/nowhere", "Folder": "Europe",
	} {
		if err := os.Symlink(target, filepath.Join(path, name)); err != nil {
			t.Fatal(err)
		}
	}
	table, err := zoneinfo.Open(path, nil)
	if err != nil || strings.Join(table.Names(), " ") != "Europe/Berlin Germany" {
		t.Errorf("the names are %v, %v", table.Names(), err)
	}
}

func TestOpenNamesThePathItCannotRead(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "absent"), t.TempDir(), "zoneinfo.go"} {
		if _, err := zoneinfo.Open(path, zones.Embedded()); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s returned %v", path, err)
		}
	}
}

func TestWarnings(t *testing.T) {
	partial, err := zoneinfo.Open(directory(t, "2020a"), zones.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		table   *zones.Table
		machine string
		want    []string
	}{
		{zones.Embedded(), "2099a", []string{"this machine has 2099a"}},
		{zones.Embedded(), "2020a", nil},
		{zones.Embedded(), "", nil},
		{partial, "2020b", []string{"are taken from the embedded table", "this machine has 2020b"}},
	} {
		got := zoneinfo.Warnings(c.table, c.machine)
		if len(got) != len(c.want) {
			t.Fatalf("the warnings are %q, want %q", got, c.want)
		}
		for i := range c.want {
			if !strings.Contains(got[i], c.want[i]) {
				t.Errorf("warning %d is %q, want %q", i, got[i], c.want[i])
			}
		}
	}
}
