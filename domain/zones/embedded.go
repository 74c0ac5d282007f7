package zones

import (
	"archive/zip"
	"bytes"
	_ "embed" // for the table below
	"fmt"
	"sync"
)

// embedded is the table that `make zones` wrote: a zip of compiled zones, not compressed, with its version and source.
//
//go:embed zones.zip
var embedded []byte

// Embedded returns the table that the program was built with.
var Embedded = sync.OnceValue(func() *Table {
	tree, err := zip.NewReader(bytes.NewReader(embedded), int64(len(embedded)))
	if err != nil {
		panic(fmt.Sprintf("zones: the embedded table is damaged: %v", err)) // a test reads it: this build was changed
	}
	files := make(map[string][]byte, len(tree.File))
	for _, file := range tree.File {
		start, err := file.DataOffset()
		if err != nil || file.Method != zip.Store {
			panic(fmt.Sprintf("zones: the embedded table is damaged at %s: %v", file.Name, err))
		}
		files[file.Name] = embedded[start : start+int64(file.UncompressedSize64)]
	}
	version, source := VersionOf(tree), firstLine(tree, SourceEntry)
	delete(files, VersionEntry)
	delete(files, SourceEntry)
	return newTable(version, source, files, nil)
})
