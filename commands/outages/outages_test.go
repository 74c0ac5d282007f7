package outages_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/commands/outages"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
)

// Alpha loses texts in silence. The next reminder goes by beta, and when receipts come again, by alpha.
func TestSilentOutageIsDetectedAvoidedAndCleared(t *testing.T) {
	w := newTraffic(t, nil)
	w.send(600, 10*time.Second, delivered)
	if found := w.outages(); len(found) > 0 {
		t.Fatalf("before the outage: %+v", found)
	}
	began := w.Now
	w.send(80, 10*time.Second, silent)
	detected := w.detected()
	if len(detected) != 1 || detected[0].Cause != outage.Silent || detected[0].Evidence.Accounts < 3 ||
		detected[0].ChangePoint.Sub(began).Abs() > 2*time.Minute || !detected[0].Covers(brazil) {
		t.Fatalf("detected %+v, want one silent outage since %s", detected, began)
	}
	w.remind("a", "in the outage", 0, 1)
	w.send(120, 10*time.Second, delivered)
	found := w.outages()
	if last, ok := found[len(found)-1].(outage.OutageCleared); !ok || last.ID != detected[0].ID {
		t.Fatalf("after the outage: %+v", found)
	}
	w.remind("b", "after the outage", 1, 1)
}

// remind sends a reminder of a visit and checks how many texts each provider has had since the world began.
func (w *traffic) remind(key, when string, alpha, beta int) {
	w.T.Helper()
	w.Remind(w.Book(key, w.Now.Add(24*time.Hour).Truncate(24*time.Hour)))
	w.Settle()
	if len(w.Alpha.Sent) != alpha || len(w.Beta.Sent) != beta {
		w.T.Fatalf("%s: %d texts by alpha and %d by beta, want %d and %d", when, len(w.Alpha.Sent), len(w.Beta.Sent), alpha, beta)
	}
}

// brazil is where the texts go.
var brazil = outage.Cell{Provider: "alpha", Region: "LA", Country: "BR"}

// detected returns the confirmed outages of alpha.
func (w *traffic) detected() (found []outage.OutageDetected) {
	w.T.Helper()
	for _, event := range w.outages() {
		if one, ok := event.(outage.OutageDetected); ok {
			found = append(found, one)
		}
	}
	return found
}

// Only receipts are lost: alpha says of each text that it arrived. Texts go by alpha as before, and what alpha says is
// recorded instead of receipts.
func TestLostReceiptsAreNoReasonToAvoidAProvider(t *testing.T) {
	w := newTraffic(t, &polled{state: delivered})
	w.send(600, 10*time.Second, delivered)
	w.send(80, 10*time.Second, silent)
	if found := w.detected(); len(found) != 1 || found[0].Cause != outage.ReceiptsOnly ||
		found[0].Evidence.Arrived < 2 {
		t.Fatalf("detected %+v, want one outage of receipts only", found)
	}
	if found := w.receipts(); found < 20 {
		t.Errorf("%d statuses were recorded as receipts, want at least 20", found)
	}
	w.remind("a", "without receipts", 1, 0)
	w.polls.state = "unknown"
	w.send(30, 10*time.Second, silent)
	found := w.detected()
	if last := found[len(found)-1]; last.ID != found[0].ID || last.Cause != outage.Silent || last.Evidence.Polled < 5 {
		t.Fatalf("when texts are lost too, the log says %+v", last)
	}
	w.remind("b", "when texts are lost too", 1, 1)
}

// A log that is watched for the first time has an outage of last week in it.
func TestOutagesOfLastWeekAreNotRecorded(t *testing.T) {
	w := newTraffic(t, nil)
	w.unwatched = true
	w.send(600, 10*time.Second, delivered)
	w.send(80, 10*time.Second, silent)
	w.send(200, 10*time.Second, delivered)
	w.Now = w.Now.AddDate(0, 0, 7)
	w.unwatched = false
	w.wait(time.Minute)
	if found := w.outages(); len(found) > 0 {
		t.Fatalf("recorded %+v", found)
	}
}

// receipts counts the receipts that were asked for.
func (w *traffic) receipts() (count int) {
	w.T.Helper()
	for entry, err := range w.Log.ReadAll(w.T.Context(), domain.Position{}, domain.Filter{
		Types: domain.NamesOf(message.DeliveryReported{}),
	}) {
		w.Ok(err)
		recorded, err := w.Codec.Decode(entry)
		w.Ok(err)
		if recorded.Meta.Actor.ID == "polling" {
			count++
		}
	}
	return count
}

func TestRejectedTextsAreABlockedCell(t *testing.T) {
	w := newTraffic(t, &polled{state: delivered})
	w.send(600, 10*time.Second, delivered)
	w.send(30, 10*time.Second, rejected)
	if found := w.detected(); len(found) != 1 || found[0].Cause != outage.Blocked || w.polls.asked > 0 {
		t.Fatalf("detected %+v after %d polls, want one blocked cell and no poll", found, w.polls.asked)
	}
}

// The calls to alpha do not return: no text is accepted, and none is refused.
func TestProviderThatDoesNotReplyIsOut(t *testing.T) {
	w := newTraffic(t, nil)
	w.send(600, 10*time.Second, delivered)
	w.send(60, 10*time.Second, unheard)
	if found := w.detected(); len(found) != 1 || found[0].Cause != outage.Silent {
		t.Fatalf("detected %+v, want one silent outage", found)
	}
	w.remind("a", "in the outage", 0, 1)
}

// A node that starts at any moment, or that watches next to another one, records nothing twice and misses nothing.
func TestRestartsAndSecondNodesChangeNothing(t *testing.T) {
	story := func(t *testing.T, disturb func(w *traffic, sent int)) []outage.Event {
		w := newTraffic(t, nil)
		for i, outcome := range []string{delivered, silent, delivered, rejected, unheard, delivered} {
			for range []int{600, 60, 200, 30, 20, 180}[i] {
				w.send(1, 10*time.Second, outcome)
				disturb(w, w.sent)
			}
		}
		return w.outages()
	}
	want := story(t, func(*traffic, int) {})
	if len(want) < 4 {
		t.Fatalf("the story has %d events, want at least two outages: %+v", len(want), want)
	}
	disturbed := rapid.SliceOfN(rapid.IntRange(560, 1090), 1, 4)
	for run := range 20 { // each takes a tenth of a second
		restarts, second := disturbed.Example(run), run%2 == 0
		var other *outages.Watch
		got := story(t, func(w *traffic, sent int) {
			if slices.Contains(restarts, sent) {
				w.Restart()
			}
			if second && other == nil {
				other = &outages.Watch{Engine: w.Engine, Log: w.Log, Numbers: w.OptOuts}
			}
			if other != nil && sent%7 == 0 {
				other.Engine = w.Engine
				w.Ok(other.Step(t.Context()))
			}
		})
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("restarts after %v: the log differs\n got: %+v\nwant: %+v", restarts, got, want)
		}
	}
}
