package sheet

import (
	"strings"
	"testing"
)

func TestTableGuardsItsCells(t *testing.T) {
	var out strings.Builder
	table := NewTable(&out, "client", "amount")
	table.Add(`=HYPERLINK("http://x")`, "-1.5")
	table.Add("Ann, Marie", "2")
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	const want = "client,amount\n\"'=HYPERLINK(\"\"http://x\"\")\",'-1.5\n\"Ann, Marie\",2\n"
	if out.String() != want {
		t.Errorf("the sheet is\n%s\nwant\n%s", out.String(), want)
	}
}
