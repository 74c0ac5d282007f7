package sheet

import (
	"regexp"
	"strings"
)

// noteRule is the line between two notes in one cell. In a note such a line begins with a backslash.
const noteRule = "---"

var likeRule = regexp.MustCompile(`^\\*---$`)

// joinNotes returns notes as one cell.
func joinNotes(notes []string) string {
	var lines []string
	for i, note := range notes {
		if i > 0 {
			lines = append(lines, noteRule)
		}
		for line := range strings.SplitSeq(note, "\n") {
			if likeRule.MatchString(line) {
				line = `\` + line
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// splitNotes returns the notes of a cell.
func splitNotes(cell string) (notes []string) {
	var lines []string
	end := func() {
		if note := strings.TrimSpace(strings.Join(lines, "\n")); note != "" {
			notes = append(notes, note)
		}
		lines = nil
	}
	for line := range strings.SplitSeq(cell, "\n") {
		switch {
		case line == noteRule:
			end()
		case likeRule.MatchString(line):
			lines = append(lines, line[1:])
		default:
			lines = append(lines, line)
		}
	}
	end()
	return notes
}

// readNotes returns the notes of a row, from every column that has some.
func (c Columns) readNotes(row Row) (notes []string) {
	for _, at := range c.notes {
		if at < len(row.Cells) && !isAbsent(row.Cells[at]) {
			notes = append(notes, splitNotes(row.Cells[at])...)
		}
	}
	return notes
}
