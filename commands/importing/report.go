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
}

// Report returns what the import has done so far.
func (im *Importer) Report() Report {
	report := im.report
	report.Account, report.Opened = im.account, im.opened
	report.NewClients = len(im.clients.registered)
	report.NewServices, report.NewResources = im.services.names, im.resources.names
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
}
