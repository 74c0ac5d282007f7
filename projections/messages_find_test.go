package projections_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// explaining runs the plan of each query in place of the query, and keeps the plans.
type explaining struct {
	readmodel.Reader
	plans *[]string
}

func (e explaining) Query(ctx context.Context, sql string, args ...any) iter.Seq2[readmodel.Row, error] {
	var plan []string
	for row, err := range e.Reader.Query(ctx, "EXPLAIN QUERY PLAN "+sql, args...) {
		if err != nil {
			return func(yield func(readmodel.Row, error) bool) { yield(nil, err) }
		}
		plan = append(plan, row.Text(3))
	}
	*e.plans = append(*e.plans, strings.Join(plan, "; "))
	return func(func(readmodel.Row, error) bool) {}
}

// filters are those of the list of messages, with the columns of the index that each must be read by.
func filters() map[string]projections.MessageFilter {
	return map[string]projections.MessageFilter{
		"(account=?)":                {},
		"(account=? AND status=?)":   {Statuses: []message.Status{message.Delivered, message.Sent}},
		"(account=? AND status=?) ":  {Undelivered: Monday},
		"(account=? AND channel=?)":  {Channel: message.Email},
		"(account=? AND country=?)":  {Country: "BR"},
		"(account=? AND provider=?)": {Provider: "alpha"},
	}
}

func TestEachFilterOfMessagesIsReadInOrder(t *testing.T) {
	w := New(t, Texts()...)
	for index, filter := range filters() {
		for _, after := range []readmodel.Cursor{{}, {At: Monday.Add(time.Hour)}} {
			filter.Limit, filter.After = 50, after
			var plans []string
			if _, err := (projections.Messages{DB: explaining{w.DB, &plans}}).Find(t.Context(), Acme, filter); err != nil {
				t.Fatal(err)
			}
			for _, plan := range plans {
				want := strings.TrimSuffix(strings.TrimSpace(index), ")")
				if !strings.Contains(plan, want) || strings.Contains(plan, "TEMP B-TREE") {
					t.Errorf("the plan for %s is %q: it must read an index in the order of the list", index, plan)
				}
			}
		}
	}
}

// TestFewMessagesAreNotReadThroughTheirAccount has as many keys as a busy day, for which the index of the account looks
// better to the database. It is not: it has all messages of the account.
func TestFewMessagesAreNotReadThroughTheirAccount(t *testing.T) {
	w := New(t, Texts()...)
	for read, of := range map[string]func(projections.Messages) error{
		"m USING PRIMARY KEY (message=?)": func(q projections.Messages) error {
			var some []domain.MessageID
			for n := range 200 {
				some = append(some, domain.DeriveID[domain.MessageID]("busy", n))
			}
			_, err := q.Find(t.Context(), Acme, projections.MessageFilter{Messages: some, Limit: 100})
			return err
		},
		"(appointment=?)": func(q projections.Messages) error {
			var about []domain.AppointmentID
			for n := range 200 {
				about = append(about, domain.DeriveID[domain.AppointmentID]("busy", n))
			}
			_, err := q.Standings(t.Context(), Acme, about)
			return err
		},
	} {
		var plans []string
		if err := of(projections.Messages{DB: explaining{w.DB, &plans}}); err != nil {
			t.Fatal(err)
		}
		for _, plan := range plans {
			if !strings.Contains(plan, read) || strings.Contains(plan, "account=?") {
				t.Errorf("the plan is %q, want %s", plan, read)
			}
		}
	}
}

func TestMessagesOfSeveralStatusesAreMerged(t *testing.T) {
	w := New(t, Texts()...)
	all := []message.Status{message.Delivered, message.Failed, message.Attempted, message.Suppressed}
	whole, err := w.Read.Messages.Find(t.Context(), Acme, projections.MessageFilter{})
	if err != nil || len(whole) != 4 {
		t.Fatalf("there are %d messages (error %v)", len(whole), err)
	}
	var after readmodel.Cursor
	for _, want := range whole {
		got, err := w.Read.Messages.Find(t.Context(), Acme, projections.MessageFilter{Statuses: all, After: after, Limit: 1})
		if err != nil || len(got) != 1 || got[0].ID != want.ID {
			t.Fatalf("the page after %v is %v (error %v), want %s", after, got, err, want.ID)
		}
		after = got[0].Cursor()
	}
	some, err := w.Read.Messages.Find(t.Context(), Acme, projections.MessageFilter{
		Messages: []domain.MessageID{Message(1), Message(3)}, Clients: []domain.ClientID{Anna},
	})
	if err != nil || len(some) != 1 || some[0].ID != Message(1) {
		t.Errorf("by message and client it found %v (error %v)", some, err)
	}
	failed, err := w.Read.Messages.Find(t.Context(), Acme, projections.MessageFilter{
		Undelivered: Monday, Statuses: []message.Status{message.Failed, message.Delivered},
	})
	if err != nil || len(failed) != 1 || failed[0].ID != Message(2) {
		t.Errorf("of failed and delivered, undelivered are %v (error %v)", failed, err)
	}
}

// BenchmarkMillionMessages reads the first page of an account with a million messages, by each filter.
func BenchmarkMillionMessages(b *testing.B) {
	if testing.Short() {
		b.Skip("a million rows take two minutes")
	}
	w := New(b, Texts()...)
	fill := func(tx readmodel.Tx) error {
		return tx.Exec(b.Context(), `INSERT INTO messages_v5 SELECT randomblob(16), account, client, appointment, kind, rule,
			channel, address, title, words, country, segments, price_micro, scheduled_for, queued_at + n, status, changed_at,
			reason, provider, attempts, accepted, reported, undelivered, sent_at, waits_from, fallback, sequence, to_staff
			FROM messages_v5, (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 1000000) SELECT n FROM c)
			WHERE message = $1`, readmodel.Key(Message(1)))
	}
	if err := w.DB.Write(b.Context(), fill); err != nil {
		b.Fatal(err)
	}
	for index, filter := range filters() {
		filter.Limit = 50
		b.Run(fmt.Sprint(index), func(b *testing.B) {
			for b.Loop() {
				if _, err := w.Read.Messages.Find(b.Context(), Acme, filter); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Cleanup(func() { _ = w.DB.Write(context.Background(), drop) })
}

// drop deletes what the benchmark has inserted, which is not in the log.
func drop(tx readmodel.Tx) error {
	return tx.Exec(context.Background(), `DELETE FROM messages_v5 WHERE message NOT IN ($1, $2, $3, $4)`,
		readmodel.Key(Message(1)), readmodel.Key(Message(2)), readmodel.Key(Message(3)), readmodel.Key(Message(4)))
}
