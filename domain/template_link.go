package domain

import (
	"slices"
	"strings"
)

// withoutLinks returns a text without the sentences that hold noLink. A line that is empty then is left out too, with
// one of the empty lines around it.
func withoutLinks(text string) string {
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if !strings.Contains(lines[i], noLink) {
			continue
		}
		lines[i] = withoutSentences(lines[i])
		if lines[i] != "" {
			continue
		}
		end := i + 1
		if i > 0 && lines[i-1] == "" && end < len(lines) && lines[end] == "" {
			end++
		}
		lines = slices.Delete(lines, i, end)
		i--
	}
	return strings.Join(lines, "\n")
}

// withoutSentences returns a line without the sentences that hold noLink.
func withoutSentences(line string) string {
	var kept []string
	for line != "" {
		end := len(line)
		for _, mark := range []string{". ", "! ", "? "} {
			if at := strings.Index(line, mark); at >= 0 {
				end = min(end, at+len(mark))
			}
		}
		if sentence := line[:end]; !strings.Contains(sentence, noLink) {
			kept = append(kept, sentence)
		}
		line = line[end:]
	}
	return strings.TrimRight(strings.Join(kept, ""), " ")
}
