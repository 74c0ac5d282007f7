package importing

import "github.com/clickbook/clickbook/domain"

// Report counts what an import did.
type Report struct {
	Account domain.AccountID
	Opened  bool // the account, by this import

	Rows    int
	Booked  int
	Known   int // appointments that were there before
	Marked  int // of those, the ones with a new status
	Refused int

	NewClients                int
	NewServices, NewResources []string

	Guesses  []Guess
	Warned   int       // rows with warnings
	Warnings []Warning // of the first of them
}

// Guess is a client whose rows have nothing in common but the name.
type Guess struct {
	Client string
	Rows   int  // that were booked
	Before bool // the client was there before, from an earlier sheet that had the name alone
}

// Warning is a sentence about a row that was imported all the same.
type Warning struct {
	Line int
	Text string
}

// maxWarnings bounds the warnings in a report. A sheet may have one in every row.
const maxWarnings = 100

// Report returns what the import has done so far.
func (im *Importer) Report() Report {
	report := im.report
	report.Account, report.Opened = im.account, im.opened
	report.NewClients = len(im.clients.registered)
	report.NewServices, report.NewResources = im.services.names, im.resources.names
	report.Guesses = im.clients.guesses()
	return report
}

func (r *Report) count(j *job) {
	r.Rows++
	switch {
	case j.err != nil:
		r.Refused++
	case j.result == booked:
		r.Booked++
	default:
		r.Known++
		if j.result == marked {
			r.Marked++
		}
	}
	if j.err != nil || len(j.row.Warnings) == 0 {
		return
	}
	r.Warned++
	for _, text := range j.row.Warnings {
		if len(r.Warnings) < maxWarnings {
			r.Warnings = append(r.Warnings, Warning{j.row.Line, text})
		}
	}
}
