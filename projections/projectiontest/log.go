package projectiontest

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/domaintest"
)

// Append is events added to one stream at one time. They occurred and were recorded then.
type Append struct {
	Account domain.AccountID // zero for the installation
	At      time.Time
	Stream  domain.Stream
	Events  []domain.Event
	By      string // the key or the policy
}

// Log is an event log in memory, with the codec and vault of its events.
type Log struct {
	t         testing.TB
	Store     *memory.Store
	Vault     *domaintest.Vault
	Codec     *domain.Codec
	Last      domain.Position // of the last event
	Events    int
	revisions map[domain.Stream]domain.Revision
}

// NewLog returns an empty log.
func NewLog(t testing.TB) *Log {
	t.Helper()
	l := &Log{t: t, Store: memory.New(), Vault: domaintest.NewVault(), revisions: make(map[domain.Stream]domain.Revision)}
	var err error
	if l.Codec, err = aggregates.NewCodec(l.Vault); err != nil {
		t.Fatal(err)
	}
	return l
}

// Append appends events. Their ids depend only on their place in the log, so the same appends make the same log.
func (l *Log) Append(appends ...Append) {
	l.t.Helper()
	for _, a := range appends {
		revision, known := l.revisions[a.Stream]
		if !known {
			revision = domain.NoStream
		}
		stored := make([]domain.Stored, len(a.Events))
		for i, event := range a.Events {
			l.Events++
			var err error
			stored[i], err = l.Codec.Encode(domain.DeriveUUID("test", l.Events), event, domain.Metadata{
				Account: a.Account, Actor: domain.Actor{ID: a.By}, OccurredAt: a.At, RecordedAt: a.At,
			})
			if err != nil {
				l.t.Fatal(err)
			}
			stored[i] = domain.Entry{
				Stored: stored[i], Stream: a.Stream, Revision: revision + domain.Revision(i) + 1, Rest: len(a.Events) - 1 - i,
			}.WithChecksum()
		}
		appended, err := l.Store.Append(l.t.Context(), a.Stream, revision, stored)
		if err != nil {
			l.t.Fatal(err)
		}
		l.revisions[a.Stream], l.Last = appended.Revision, appended.Position
	}
}

// Erase destroys a client's key and appends ClientErased.
func (l *Log) Erase(account domain.AccountID, who domain.ClientID) {
	l.t.Helper()
	l.Vault.Erase(client.Stream(who))
	l.Append(Append{Account: account, At: Monday, Stream: client.Stream(who), Events: []domain.Event{
		client.ClientErased{Client: who, Account: account},
	}})
}
