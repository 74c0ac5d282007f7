package projector_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// forgetful subscribes to an event that it has no case for.
var forgetful = readmodel.Projection{
	Name: "forgetful", Version: 1, Types: domain.NamesOf(client.ClientRegistered{}),
	Tables: []readmodel.Table{{Name: "forgetful_v1", Columns: "n BIGINT NOT NULL", Key: "n"}},
	Apply: readmodel.ApplyEach(func(_ readmodel.Writer, r domain.Recorded) error {
		return domain.Unexpected(r)
	}),
}

func newScratch(t *testing.T) *views.Scratch {
	t.Helper()
	db, err := views.NewScratch()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestUnhandledEventStopsTheProjectorAndIsNamed(t *testing.T) {
	log := projectiontest.NewLog(t)
	log.Append(projectiontest.Opened()...)
	_, err := projector.New(log.Store, log.Codec, newScratch(t), forgetful).CatchUp(t.Context())
	for _, text := range []string{"read model forgetful", "unexpected ClientRegistered", "client-" + projectiontest.Anna.String()} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("CatchUp returned %v, want an error with %q", err, text)
		}
	}
}

// TestDamagedEventStopsTheProjector: one bit turned the type of an event into one that no projection subscribes to.
func TestDamagedEventStopsTheProjector(t *testing.T) {
	log := projectiontest.NewLog(t)
	log.Append(projectiontest.Opened()...)
	damaged := damagedLog{log.Store}
	_, err := projector.New(damaged, log.Codec, newScratch(t), forgetful).CatchUp(t.Context())
	if !errors.Is(err, domain.ErrDamaged) || !strings.Contains(err.Error(), "account-") {
		t.Errorf("CatchUp returned %v, want ErrDamaged and the stream", err)
	}
}

// damagedLog returns the first event with another type.
type damagedLog struct{ *memory.Store }

func (d damagedLog) ReadAll(
	ctx context.Context, after domain.Position, filter domain.Filter,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		first := after.IsZero()
		for entry, err := range d.Store.ReadAll(ctx, after, filter) {
			if first {
				entry.Type = "X" + entry.Type[1:]
			}
			first = false
			if !yield(entry, err) {
				return
			}
		}
	}
}

func TestProjectorNeedsProjections(t *testing.T) {
	log := projectiontest.NewLog(t)
	if _, err := projector.New(log.Store, log.Codec, newScratch(t)).CatchUp(t.Context()); err == nil {
		t.Error("a projector without projections caught up")
	}
}

func TestUnknownNameIsRefused(t *testing.T) {
	w := projectiontest.New(t, projectiontest.Opened()...)
	for name, call := range map[string]func(context.Context) error{
		"CatchUp":  func(ctx context.Context) error { _, err := w.Projector.CatchUp(ctx, "horoscope"); return err },
		"Rebuild":  func(ctx context.Context) error { _, err := w.Projector.Rebuild(ctx, nil, "horoscope"); return err },
		"Rollback": func(ctx context.Context) error { _, err := w.Projector.Rollback(ctx, "horoscope"); return err },
	} {
		refusal, refused := domain.AsRefusal(call(t.Context()))
		if !refused || refusal.Code != "read_model_unknown" || !strings.Contains(refusal.Sentence, `"horoscope"`) {
			t.Errorf("%s returned %v, want the refusal read_model_unknown", name, refusal)
		}
	}
}

// TestStoredCheckpointsLagBehindEventsOfNoView follows events that no projection subscribes to: readers need not wait
// for a transaction, and the next one, a call of CatchUp and a new projector find the right checkpoints.
func TestStoredCheckpointsLagBehindEventsOfNoView(t *testing.T) {
	log, db := projectiontest.NewLog(t), newScratch(t)
	p := projector.New(log.Store, log.Codec, db, projections.All()...)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	follow := func(appends ...projectiontest.Append) (behind int) {
		t.Helper()
		log.Append(appends...)
		if err := p.Wait(ctx, log.Last); err != nil {
			t.Fatal(err)
		}
		return log.Events - seen(t, db)
	}
	held := func(n int) []projectiontest.Append {
		resource := domain.DeriveID[domain.ResourceID]("resource", n)
		return []projectiontest.Append{projectiontest.On(diary.StreamOf(resource, diary.MonthOf(projectiontest.Monday)),
			projectiontest.Monday,
			diary.UnitsHeld{Resource: resource, Units: 1})}
	}
	if behind := follow(projectiontest.Opened()...); behind != 0 {
		t.Errorf("after events of projections the checkpoints are %d events behind", behind)
	}
	for n := range 999 {
		if behind := follow(held(n)...); behind != n+1 {
			t.Fatalf("after %d events of no projection the checkpoints are %d events behind", n+1, behind)
		}
	}
	if behind := follow(held(999)...); behind != 0 {
		t.Errorf("after 1000 events of no projection the checkpoints are %d events behind", behind)
	}
	follow(held(1000)...)
	if behind := follow(projectiontest.Booked(projectiontest.Visit(1), projectiontest.Anna, projectiontest.Monday,
		projectiontest.Monday)...); behind != 0 {
		t.Errorf("after a booking the checkpoints are %d events behind", behind)
	}
	follow(held(1001)...)
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	again := projector.New(log.Store, log.Codec, db, projections.All()...)
	if n, err := again.CatchUp(t.Context()); n != 1 || err != nil {
		t.Errorf("after a restart CatchUp applied %d events (error %v), want the one that was not stored", n, err)
	}
	if n, err := p.CatchUp(t.Context()); err == nil {
		t.Errorf("a projector applied %d events after another moved its checkpoints", n)
	}
}

// seen returns how many events of the log the stored checkpoints have passed.
func seen(t *testing.T, db readmodel.Reader) (n int) {
	t.Helper()
	for row, err := range db.Query(t.Context(), "SELECT min(seen) FROM checkpoints") {
		if err != nil {
			t.Fatal(err)
		}
		n = int(row.Int(0))
	}
	return n
}
