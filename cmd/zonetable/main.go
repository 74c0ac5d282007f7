// Command zonetable writes the embedded time zone table of package zones from a directory of compiled zones, such as
// usr/share/zoneinfo of Debian's tzdata. `make zones` runs it; the product does not.
package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/clickbook/clickbook/domain/zones"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "zonetable:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("zonetable", flag.ContinueOnError)
	from := flags.String("from", "", "`directory` of compiled zones; without it, print the embedded table's source")
	source := flags.String("source", "", "where they are from: `text` to record, such as a package with its checksum")
	to := flags.String("to", "", "`file` to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *from == "" {
		_, err := fmt.Fprintln(out, zones.Embedded().Source())
		return err
	}
	table, err := pack(os.DirFS(*from), *source, zones.Embedded().Names())
	if err != nil {
		return err
	}
	return os.WriteFile(*to, table, 0o644)
}

// pack returns the zip of a directory of compiled zones. The same zones always give the same bytes: entries are sorted,
// not compressed and without times. It refuses a table that lacks one of the names, because accounts may use it.
func pack(tree fs.FS, source string, names []string) ([]byte, error) {
	version := zones.VersionOf(tree)
	if version == "" || strings.TrimSpace(source) == "" {
		return nil, errors.New("the directory names no version, or -source is missing")
	}
	table, err := zones.Read(tree, "", nil)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, has := table.Load(name); !has {
			return nil, fmt.Errorf("%s is missing: take the package of backward names too, such as tzdata-legacy", name)
		}
	}
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	add := func(name string, content []byte) {
		entry, failed := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if failed == nil {
			_, failed = entry.Write(content)
		}
		err = errors.Join(err, failed)
	}
	add(zones.VersionEntry, []byte(version+"\n"))
	add(zones.SourceEntry, []byte(source+"\n"))
	for _, name := range table.Names() {
		add(name, table.Rules(name))
	}
	err = errors.Join(err, archive.Close())
	return buffer.Bytes(), err
}
