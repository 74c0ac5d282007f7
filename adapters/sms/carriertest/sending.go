package carriertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

func accepted(t *testing.T, lab Lab) {
	text := lab.Text(1)
	before := lab.Now()
	got, err := lab.send(t.Context(), t, text)
	if err != nil {
		t.Fatal(err)
	}
	if got.At.Before(before.Add(-time.Minute)) || got.At.After(lab.Now().Add(time.Minute)) {
		t.Errorf("accepted at %s, sent at %s", got.At, before)
	}
	all := lab.Accepted()
	if len(all) != 1 {
		t.Fatalf("%d texts arrived", len(all))
	}
	arrived := all[0]
	if arrived.Reference != text.Reference || arrived.To != text.To || arrived.Body != text.Body {
		t.Errorf("%+v arrived for %+v", arrived, text)
	}
	if text.From != "" && arrived.From != text.From {
		t.Errorf("sender %q arrived for %q", arrived.From, text.From)
	}
	if got.ProviderID != "" && got.ProviderID != arrived.ProviderID {
		t.Errorf("id %q is not the provider's %q", got.ProviderID, arrived.ProviderID)
	}
}

func encodings(t *testing.T, lab Lab) {
	for n, body := range []string{
		"Plain", "Confidential £5 @ Café ñ Ü {€}", "Confidential łódź", "Confidential 👋🏽 tomorrow 10:00", "Line\nbreak & 100 % + a=b ;",
		strings.Repeat("Confidential long GSM text. ", 20), strings.Repeat("Confidential длинный. ", 20),
		"<b>\"quoted\" 'and' \\ back`tick</b>",
	} {
		text := lab.Text(n)
		text.Body = body
		arrived := lab.mustSend(t, text)
		if arrived.Body != body {
			t.Errorf("%q arrived for %q", arrived.Body, body)
		}
		if _, want := message.Segments(body); arrived.Encoding != "" && arrived.Encoding != want {
			t.Errorf("%q was sent as %s, not %s", body, arrived.Encoding, want)
		}
	}
}

func validity(t *testing.T, lab Lab) {
	if lab.NoValidity {
		t.Skip("the provider takes no validity")
	}
	for n, left := range []time.Duration{
		90 * time.Minute, 61 * time.Second, 25 * time.Second, 19 * time.Second, time.Second, 1500 * time.Millisecond,
		24 * time.Hour, 30 * 24 * time.Hour, 400 * 24 * time.Hour, 0, -time.Second, -400 * 24 * time.Hour,
	} {
		text := lab.Text(n)
		text.ValidUntil = lab.Now().Add(left)
		before := len(lab.Accepted())
		_, err := lab.send(t.Context(), t, text)
		after := lab.Accepted()
		if err != nil {
			if left >= time.Hour {
				t.Errorf("a text with %s left: %v", left, err)
			}
			if refused := notAccepted(err); refused == nil || len(after) != before {
				t.Errorf("a text with %s left: %v is not a rejection before sending", left, err)
			}
			continue
		}
		arrived := after[len(after)-1]
		if arrived.ValidUntil.IsZero() || arrived.ValidUntil.After(text.ValidUntil) {
			t.Errorf("a text with %s left is delivered until %s, after %s", left, arrived.ValidUntil, text.ValidUntil)
		}
	}
}

func cancelled(t *testing.T, lab Lab) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lab.send(ctx, t, lab.Text(1)); err == nil && lab.Meanwhile != nil {
		t.Error("a text was accepted after its context ended")
	}
	if n := len(lab.Accepted()); n != 0 && lab.Meanwhile != nil {
		t.Errorf("%d texts arrived after the context ended", n)
	}
}

func concurrent(t *testing.T, lab Lab) {
	const texts = 30
	var wait sync.WaitGroup
	results := make([]messaging.Accepted, texts)
	for n := range texts {
		wait.Go(func() {
			var err error
			if results[n], err = lab.send(t.Context(), t, lab.Text(n)); err != nil {
				t.Errorf("text %d: %v", n, err)
			}
		})
	}
	wait.Wait()
	ids := make(map[string]string)
	for _, arrived := range lab.Accepted() {
		ids[arrived.Reference] = arrived.ProviderID
	}
	for n, got := range results {
		if want := ids[lab.Text(n).Reference]; got.ProviderID != "" && got.ProviderID != want {
			t.Errorf("text %d has id %q, not %q", n, got.ProviderID, want)
		}
	}
}

func rejections(t *testing.T, open func(*testing.T) Lab) {
	for _, c := range []struct {
		behaviour Behaviour
		want      message.Fault // "" is any
	}{
		{BadNumber, message.FaultNumber},
		{BadCredentials, message.FaultConfigure},
		{Throttled, message.FaultThrottle},
		{Unavailable, message.FaultProvider},
		{ErrorInside, ""},
		{UnheardCode, message.FaultUnknown},
	} {
		t.Run(string(c.behaviour), func(t *testing.T) {
			lab := open(t)
			lab.behave(t, c.behaviour)
			_, err := lab.send(t.Context(), t, lab.Text(1))
			refused := notAccepted(err)
			switch {
			case refused == nil:
				t.Fatalf("not a rejection: %v", err)
			case !validFault(refused.Fault) || c.want != "" && refused.Fault != c.want:
				t.Errorf("fault %q, want %q", refused.Fault, c.want)
			case refused.Class != refused.Fault.Class():
				t.Errorf("class %q of fault %q", refused.Class, refused.Fault)
			case c.behaviour == Throttled && refused.After != lab.After:
				t.Errorf("wait %s, want %s", refused.After, lab.After)
			case len(lab.Accepted()) != 0:
				t.Errorf("the fake accepted %+v", lab.Accepted())
			}
			lab.discreet(t)
			lab.mustSend(t, lab.Text(2)) // and the next text is accepted
		})
	}
}

func doubts(t *testing.T, open func(*testing.T) Lab) {
	for _, b := range []Behaviour{ServerError, Malformed, Empty, Endless, Dropped, Held, Down} {
		t.Run(string(b), func(t *testing.T) {
			lab := open(t)
			if b != Down {
				lab.mustSend(t, lab.Text(1)) // so that a connection is kept, which a client may be tempted to repeat on
			}
			before := len(lab.Accepted())
			lab.behave(t, b)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if b == Held {
				lab.Meanwhile(func(Submitted) { cancel() })
			}
			_, err := lab.send(ctx, t, lab.Text(2))
			lab.discreet(t)
			refused := notAccepted(err)
			switch {
			case err == nil:
				t.Error("an acceptance that nobody gave")
			case b == Down && refused != nil && refused.Fault != message.FaultProvider:
				t.Errorf("fault %q, want %q", refused.Fault, message.FaultProvider)
			case b == Down && len(lab.Accepted()) != 0:
				t.Errorf("a text arrived: %+v", lab.Accepted())
			case b == Down:
			case refused != nil:
				t.Errorf("rejected, but the fake accepted it: %v", err)
			case len(lab.Accepted()) != before+1:
				t.Errorf("the fake got it %d times", len(lab.Accepted())-before)
			}
			if b == Held && !errors.Is(err, context.Canceled) {
				t.Errorf("the context ended, but the error is %v", err)
			}
			if b != Down {
				lab.settles(t, b)
			}
		})
	}
}

// settles checks that what is known later of a text in doubt names its reference.
func (l Lab) settles(t *testing.T, b Behaviour) {
	t.Helper()
	all := l.Accepted()
	last := all[len(all)-1]
	if got, ok := l.Report(last, Report{State: "delivered", At: l.Now()}); ok {
		if len(got) != 1 || got[0].Reference != l.Text(2).Reference || got[0].State != "delivered" {
			t.Errorf("%s: a receipt arrived as %+v", b, got)
		}
	}
	l.cannotBeRejected(t, messaging.Inquiry{Reference: l.Text(2).Reference, To: last.To, Attempted: l.Now()}, fmt.Sprint(b))
}
