package viewstest

import (
	"errors"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
)

// Disturbed follows a growing log and calls disturb(0), disturb(1) and so on up to times, at random points of the
// work. What fails meanwhile must return domain.ErrUnavailable, and in the end the rows are those of an undisturbed
// projector.
func Disturbed(t *testing.T, s Suite, times int, disturb func(n int)) {
	source, w := newWorld(t, s), newWorld(t, s)
	source.month(40 * times)
	source.catchUp()
	var chunk []domain.Entry
	grow := func() {
		var together []domain.Stored // an append stays whole: the checksums of its events say so
		for _, entry := range chunk {
			if together = append(together, entry.Stored); entry.Rest > 0 {
				continue
			}
			_, err := w.Store.Append(t.Context(), entry.Stream, entry.Revision-domain.Revision(len(together)), together)
			w.ok(err)
			together = nil
		}
		chunk = chunk[:0]
	}
	quiet := make(chan struct{}, 1)
	quiet <- struct{}{}
	n, failures := 0, 0
	for entry, err := range source.Store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		w.ok(err)
		if chunk = append(chunk, entry); len(chunk) < 10 || entry.Rest > 0 {
			continue
		}
		grow()
		if n < times {
			select {
			case <-quiet:
				go func(n int) {
					disturb(n)
					quiet <- struct{}{}
				}(n)
				n++
			default:
			}
		}
		if _, err := w.projector.CatchUp(t.Context()); err != nil {
			if failures++; !errors.Is(err, domain.ErrUnavailable) {
				t.Fatalf("a disturbed CatchUp returned %v, want ErrUnavailable", err)
			}
		}
	}
	grow()
	<-quiet
	w.catchUp()
	t.Logf("%d disturbances, %d failures", n, failures)
	if n == 0 {
		t.Fatal("nothing was disturbed: the test proves nothing")
	}
	w.checkHashes("after the disturbances", source.hashes())
}

// Lost follows a log over a database that loses its next commit, or the reply to it, after each call of lose. The
// projector must go on without an error and apply each event once.
func Lost(t *testing.T, s Suite, lose func()) {
	w := newWorld(t, s)
	w.openSalon()
	w.wire(append(projections.All(), counter(1))...)
	w.catchUp()
	for n := range byte(3) {
		w.request(visitID(10+n), anna, monday, monday)
		w.erase(bruno)
		lose()
		if _, err := w.projector.CatchUp(t.Context()); err != nil {
			t.Fatalf("after a lost commit CatchUp returned %v", err)
		}
		w.checkCount("counter_v1", 3+int(n))
	}
	for _, result := range w.rebuild() {
		if !result.Same() {
			t.Fatalf("a rebuild changed the rows: %+v", result)
		}
	}
}
