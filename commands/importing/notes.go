package importing

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// maxNote is the length of a note in characters.
const maxNote = 10_000

// checkNotes returns the notes without characters that cannot be shown. It refuses a note that is too long.
func checkNotes(notes []string) ([]string, error) {
	var kept []string
	for _, note := range notes {
		note = strings.TrimSpace(strings.Map(printable, strings.ToValidUTF8(note, "\ufffd")))
		if n := utf8.RuneCountInString(note); n > maxNote {
			return nil, domain.Refusef(domain.Invalid, "note_too_long",
				"the note has %d characters and may have %d; shorten it", n, maxNote)
		}
		if note != "" {
			kept = append(kept, note)
		}
	}
	return kept, nil
}

func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' {
		return -1
	}
	return r
}

// addNotes adds the notes of a row to its appointment. The id of a note derives from its text, so a note is added once.
func (im *Importer) addNotes(ctx context.Context, j *job) error {
	for _, note := range j.row.Appointment.Notes {
		id := domain.DeriveUUID("imported note", j.id, im.fingerprint("note", note))
		add := appointment.AddNote{Appointment: j.id, Note: id, Text: domain.Secret(note)}
		if _, err := im.Engine.Do(ctx, im.as("note", id), add); err != nil {
			return err
		}
	}
	return nil
}
