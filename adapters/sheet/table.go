package sheet

import (
	"encoding/csv"
	"io"
)

// Table writes a sheet with columns of its own. Its cells cannot run as formulas.
type Table struct{ Writer }

// NewTable returns a Table and writes the header. Flush returns its error.
func NewTable(to io.Writer, header ...string) *Table {
	t := &Table{Writer{csv.NewWriter(to)}}
	t.write(header...)
	return t
}

// Add adds a row.
func (t *Table) Add(cells ...string) { t.write(cells...) }
