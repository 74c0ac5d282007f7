package projections

import (
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Alerts answers: of what is an account warned, is it settled, and who was told of it by email?
type Alerts struct{ DB readmodel.Reader }

var alerts = readmodel.Projection{
	Name: "alerts", Version: 1,
	Tables: []readmodel.Table{{
		// One row for each trouble of an account. The source is an outage or, for an alert that did not arrive, its
		// message; for others it is derived from when they were told.
		Name: "alerts_v1",
		Columns: `account BYTEA NOT NULL, kind TEXT NOT NULL, source BYTEA NOT NULL, raised_at BIGINT NOT NULL,
			told_at BIGINT NOT NULL, through BIGINT NOT NULL, resolved_at BIGINT NOT NULL`,
		Key:     "account, kind, source",
		Indexes: []string{"(account, raised_at, source)", "(kind, source) WHERE resolved_at = 0"},
	}, {
		// The newest alert about each thing to each person. The owner has no resource.
		Name: "alerts_told_v1",
		Columns: `account BYTEA NOT NULL, about TEXT NOT NULL, outage BYTEA NOT NULL, resource BYTEA NOT NULL,
			round BIGINT NOT NULL, told_at BIGINT NOT NULL, through BIGINT NOT NULL, last BIGINT NOT NULL`,
		Key:     "account, about, outage, resource",
		Indexes: []string{"(outage, about)"},
	}, {
		// The emails that told it, to find those that did not arrive.
		Name:    "alerts_sent_v1",
		Columns: `message BYTEA NOT NULL, account BYTEA NOT NULL`,
		Key:     "message",
	}, {
		// The emails that came back because their address takes none.
		Name:    "alerts_bounced_v1",
		Columns: `message BYTEA NOT NULL, account BYTEA NOT NULL, bounced_at BIGINT NOT NULL`,
		Key:     "message",
		Indexes: []string{"(account, bounced_at)"},
	}},
	Types: domain.NamesOf(message.NoticeQueued{}, message.MailFailed{}, message.MailBounced{}, outage.OutageCleared{},
		credit.LowBalanceWarned{}, credit.CreditsPurchased{}, credit.CreditsGranted{}),
	Apply: readmodel.ApplyEach(func(w readmodel.Writer, r domain.Recorded) error { return alertWriter{w}.apply(r) }),
}

// The kinds of alerts that no email tells of.
const (
	kindCredits = string(message.AboutCredits)
	kindAlert   = string(message.AboutAlert)
)

type alertWriter struct{ readmodel.Writer }

func (w alertWriter) apply(r domain.Recorded) error {
	at := readmodel.Micros(r.Meta.OccurredAt)
	switch e := r.Event.(type) {
	case message.NoticeQueued:
		return w.told(e, at)
	case message.MailFailed:
		return w.lost(e.Message, at)
	case message.MailBounced:
		return w.bounced(e, at)
	case outage.OutageCleared:
		return w.Exec(`UPDATE alerts_v1 SET resolved_at = $2 WHERE kind = 'outage' AND source = $1 AND resolved_at = 0`,
			readmodel.Key(e.ID), readmodel.Micros(e.At))
	case credit.LowBalanceWarned:
		return w.raise(r.Meta.Account, kindCredits, r.ID[:], at, 0)
	case credit.CreditsPurchased:
		return w.toppedUp(r.Meta.Account, at)
	case credit.CreditsGranted:
		return w.toppedUp(r.Meta.Account, at)
	default:
		return domain.Unexpected(r)
	}
}

// told records who was told of what, and raises the alert that it is about.
func (w alertWriter) told(e message.NoticeQueued, at int64) error {
	a := e.Alert
	if a.About == "" || a.About == message.AboutAlert {
		return nil
	}
	through := readmodel.Micros(a.Through)
	err := w.Exec(`INSERT INTO alerts_told_v1 (account, about, outage, resource, round, told_at, through, last)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (account, about, outage, resource) DO UPDATE SET round = excluded.round, told_at = excluded.told_at,
			through = excluded.through, last = excluded.last`, readmodel.Key(e.Account), string(a.About),
		readmodel.Key(a.Outage), readmodel.Key(a.Resource), a.Round, at, through, readmodel.Flag(a.Last))
	if err == nil {
		err = w.Exec(`INSERT INTO alerts_sent_v1 (message, account) VALUES ($1, $2)`, readmodel.Key(e.Message),
			readmodel.Key(e.Account))
	}
	switch {
	case err != nil:
		return err
	case a.About == message.AboutOutage:
		return w.raise(e.Account, "outage", readmodel.Key(a.Outage), at, through)
	case a.About == message.AboutUndelivered && a.Last:
		return w.raise(e.Account, "undelivered", readmodel.Key(e.Message), at, through)
	}
	return nil
}

// lost records that an alert did not arrive.
func (w alertWriter) lost(id domain.MessageID, at int64) error {
	return w.Exec(`INSERT INTO alerts_v1 (account, kind, source, raised_at, told_at, through, resolved_at)
		SELECT account, $3, message, $2, 0, 0, 0 FROM alerts_sent_v1 WHERE message = $1
		ON CONFLICT (account, kind, source) DO NOTHING`, readmodel.Key(id), at, kindAlert)
}

func (w alertWriter) bounced(e message.MailBounced, at int64) error {
	if e.Permanent {
		err := w.Exec(`INSERT INTO alerts_bounced_v1 (message, account, bounced_at) VALUES ($1, $2, $3)
			ON CONFLICT (message) DO NOTHING`, readmodel.Key(e.Message), readmodel.Key(e.Account), at)
		if err != nil {
			return err
		}
	}
	return w.lost(e.Message, at)
}

func (w alertWriter) raise(account domain.AccountID, kind string, source []byte, at, through int64) error {
	return w.Exec(`INSERT INTO alerts_v1 (account, kind, source, raised_at, told_at, through, resolved_at)
		VALUES ($1, $2, $3, $4, $4, $5, 0)
		ON CONFLICT (account, kind, source) DO UPDATE SET told_at = excluded.told_at, through = excluded.through`,
		readmodel.Key(account), kind, source, at, through)
}

// toppedUp settles the warning of a low balance. If the balance is still low, another warning follows.
func (w alertWriter) toppedUp(id domain.AccountID, at int64) error {
	return w.Exec(`UPDATE alerts_v1 SET resolved_at = $2 WHERE account = $1 AND kind = $3 AND resolved_at = 0`,
		readmodel.Key(id), at, kindCredits)
}
