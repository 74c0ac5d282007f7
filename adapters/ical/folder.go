package ical

import (
	"bytes"
	"io"
	"unicode/utf8"
)

// maxLine is the most octets a content line should have, without its line break (RFC 5545 section 3.1).
const maxLine = 75

// folder is a writer that folds long content lines: it continues a line on the next, after a space. It never splits a
// character. Each write must be whole lines.
type folder struct{ to io.Writer }

func (f *folder) Write(lines []byte) (int, error) {
	var folded bytes.Buffer
	for line := range bytes.SplitAfterSeq(lines, []byte("\r\n")) {
		text, end := line, []byte(nil)
		if bytes.HasSuffix(line, []byte("\r\n")) {
			text, end = line[:len(line)-2], line[len(line)-2:]
		}
		for room := maxLine; len(text) > room; room = maxLine - 1 {
			at := room
			for at > 1 && !utf8.RuneStart(text[at]) {
				at--
			}
			folded.Write(text[:at])
			folded.WriteString("\r\n ")
			text = text[at:]
		}
		folded.Write(text)
		folded.Write(end)
	}
	if _, err := f.to.Write(folded.Bytes()); err != nil {
		return 0, err
	}
	return len(lines), nil
}
