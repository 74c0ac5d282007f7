package main

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/clickbook/clickbook/domain/zones"
)

// unpacked returns the zones of the embedded table as a directory of zic.
func unpacked() fstest.MapFS {
	tree := fstest.MapFS{"tzdata.zi": {Data: []byte("# version " + zones.Embedded().Version() + "\n")}}
	for _, name := range zones.Embedded().Names() {
		tree[name] = &fstest.MapFile{Data: zones.Embedded().Rules(name)}
	}
	return tree
}

// The committed table is what this program writes, byte for byte, and stays small enough to be committed.
func TestPackGivesTheCommittedTable(t *testing.T) {
	committed, err := os.ReadFile("../../domain/zones/zones.zip")
	if err != nil {
		t.Fatal(err)
	}
	source, err := fs.ReadFile(zipOf(t, committed), zones.SourceEntry)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := pack(unpacked(), strings.TrimSpace(string(source)), zones.Embedded().Names())
	if err != nil || !bytes.Equal(packed, committed) {
		t.Errorf("packing the embedded zones again gives %d other bytes, %v: run make zones", len(packed), err)
	}
	if len(committed) > 1_000_000 {
		t.Errorf("the table has %d bytes: compress it", len(committed))
	}
	if !strings.Contains(string(source), "\nsha256 ") {
		t.Errorf("the source records no checksum: %s", source)
	}
}

func TestPackRefuses(t *testing.T) {
	without := unpacked()
	delete(without, "US/Pacific")
	unnamed := unpacked()
	delete(unnamed, "tzdata.zi")
	for _, c := range []struct {
		tree         fs.FS
		source, want string
	}{
		{without, "a test", "US/Pacific is missing"},
		{unnamed, "a test", "names no version"},
		{unpacked(), " ", "-source is missing"},
	} {
		_, err := pack(c.tree, c.source, zones.Embedded().Names())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

func TestRunPrintsSource(t *testing.T) {
	var out strings.Builder
	if err := run(nil, &out); err != nil || out.String() != zones.Embedded().Source()+"\n" {
		t.Errorf("run printed %q, %v", out.String(), err)
	}
}

func TestRunWritesTable(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "zones.zip")
	if err := os.CopyFS(from, unpacked()); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-from", from, "-source", "a test\nsha256 0", "-to", to}, nil); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	if version := zones.VersionOf(zipOf(t, written)); version != zones.Embedded().Version() {
		t.Errorf("the written table has the version %q", version)
	}
}

func zipOf(t *testing.T, content []byte) fs.FS {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	return archive
}
