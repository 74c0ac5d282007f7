package projections

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// ProviderIDs answers: which text has this id of a provider? Some providers report on a text by their own id only. An
// id is forgotten after 30 days, because providers count them from the start again; the last text with an id counts.
type ProviderIDs struct{ DB readmodel.Reader }

// Attempt is one attempt to send a message.
type Attempt struct {
	Message domain.MessageID
	Number  int
}

// idsKept is how long the id of a text is kept. Receipts come within days.
const idsKept = 30 * 24 * time.Hour

var providerIDs = readmodel.Projection{
	Name: "provider_ids", Version: 1,
	Tables: []readmodel.Table{{
		Name: "provider_ids_v1",
		Columns: `provider TEXT NOT NULL, provider_id TEXT NOT NULL, message BYTEA NOT NULL, attempt BIGINT NOT NULL,
			sent_at BIGINT NOT NULL`,
		Key:          "provider, provider_id",
		WriteIndexes: []string{"(sent_at)"},
	}},
	Types: domain.NamesOf(message.SmsSent{}),
	Apply: readmodel.ApplyEach(applyProviderID),
}

func applyProviderID(w readmodel.Writer, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case message.SmsSent:
		if e.ProviderID == "" {
			return nil
		}
		oldest := readmodel.Micros(e.SentAt.Add(-idsKept))
		if err := w.Exec(`DELETE FROM provider_ids_v1 WHERE sent_at < $1`, oldest); err != nil {
			return err
		}
		return w.Exec(`INSERT INTO provider_ids_v1 (provider, provider_id, message, attempt, sent_at)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (provider, provider_id) DO UPDATE SET message = $3, attempt = $4, sent_at = $5`,
			e.Provider, e.ProviderID, readmodel.Key(e.Message), e.Attempt, readmodel.Micros(e.SentAt))
	default:
		return domain.Unexpected(r)
	}
}

// One returns the attempt to which a provider gave an id. ok is false when there is none.
func (q ProviderIDs) One(ctx context.Context, provider, id string) (found Attempt, ok bool, err error) {
	return readmodel.One(ctx, q.DB, func(row readmodel.Row) (a Attempt, err error) {
		readmodel.ReadID(&a.Message, row, 0)
		a.Number = int(row.Int(1))
		return a, nil
	}, `SELECT message, attempt FROM provider_ids_v1 WHERE provider = $1 AND provider_id = $2`, provider, id)
}
