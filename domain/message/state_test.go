package message_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

func TestStatus(t *testing.T) {
	at := due.Add(time.Minute)
	accepted := given(queued, first, sent(first, "p1", due))
	gaveUp := given(queued, first, rejected(first, "unknown", ""))
	both := append(gaveUp, second, sent(second, "p2", at), sent(first, "", due))
	for _, c := range []struct {
		name  string
		after []message.Event
		want  message.Status
	}{
		{"nothing", nil, ""},
		{"queued", given(queued), message.Queued},
		{"attempted", given(queued, first), message.Attempted},
		{"given up", gaveUp, message.Queued},
		{"attempted again", append(gaveUp, second), message.Attempted},
		{"failed", append(gaveUp, failed(first, "unknown", "")), message.Failed},
		{"failed, yet accepted", append(gaveUp, failed(first, "unknown", ""), sent(first, "", due)), message.Sent},
		{"suppressed", given(queued, suppressed("moved")), message.Suppressed},
		{"suppressed, yet accepted", append(gaveUp, suppressed("moved"), sent(first, "", due)), message.Sent},
		{"accepted", accepted, message.Sent},
		{"delivered", append(accepted, reported(first, "delivered", at, true)), message.Delivered},
		{"expired", append(accepted, reported(first, "expired", at, true)), message.Expired},
		{"unknown is still sent", append(accepted, reported(first, "unknown", at, false)), message.Sent},
		{
			"a contradiction changes nothing",
			append(accepted, reported(first, "undelivered", at, true), reported(first, "delivered", at, false)),
			message.Undelivered,
		},
		{"one of two may still arrive", append(both, reported(first, "undelivered", at, true)), message.Sent},
		{"one of two arrived", append(both, reported(second, "delivered", at, true)), message.Delivered},
		{
			"neither arrived",
			append(both, reported(first, "undelivered", at, true), reported(second, "expired", at, true)),
			message.Undelivered,
		},
		{
			"an accepted text failed",
			append(accepted, reported(first, "undelivered", at, true), failed(first, "undelivered", "")), message.Undelivered,
		},
		{
			"one failed, the other accepted later",
			append(accepted, reported(first, "expired", at, true), failed(first, "expired", ""), second, sent(second, "", at)),
			message.Sent,
		},
		{"an email taken", given(mailing, message.MailSent{Message: id, Account: account, SentAt: due}), message.Sent},
		{"an email delayed", given(mailing, delayed(1)), message.Queued},
		{
			"an email that came back",
			given(mailing, message.MailSent{Message: id, Account: account}, message.MailBounced{Message: id}), message.Failed,
		},
		{"an email refused", given(mailing, message.MailFailed{Message: id, Account: account}), message.Failed},
	} {
		if got := message.Decider.Fold(c.after...).Status(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLetter(t *testing.T) {
	if got := (message.Letter{Segments: 3, UnitPrice: 800_000}).Price(); got != 2_400_000 {
		t.Errorf("Price = %d", got)
	}
	if got, want := queued.Subject(), domain.StreamOf("client", ana.String()); got != want {
		t.Errorf("a client's letter is sealed for %s, want %s", got, want)
	}
	toOwner := message.NoticeQueued{Message: id, Letter: message.Letter{Account: account}}
	if got, want := toOwner.Subject(), domain.StreamOf("account", account.String()); got != want {
		t.Errorf("an owner's letter is sealed for %s, want %s", got, want)
	}
}

// Under any commands in any order: no attempt starts while another is open or after the end, a message fails at most
// once and always when it can no longer arrive, one receipt per attempt counts, and a repeated command changes
// nothing.
func TestAnyOrderOfCommandsKeepsTheLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state := message.State{}
		failures, counted := 0, map[int]int{}
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			command := anyCommand(t, state)
			before := state
			events, err := message.Decide(state, command)
			if _, refused := domain.AsRefusal(err); err != nil && !refused {
				t.Fatal(err)
			}
			for _, event := range events {
				state = message.Evolve(state, event)
				switch e := event.(type) {
				case message.SmsAttempted:
					if before.Status() != message.Queued {
						t.Fatalf("attempted while %s", before.Status())
					}
				case message.SmsFailed:
					failures++
				case message.DeliveryReported:
					if e.Counted {
						counted[e.Attempt]++
					}
				}
			}
			if state.FinallyFailed() && failures == 0 {
				t.Fatalf("%s after %+v, and no SmsFailed", state.Status(), command)
			}
			if again, _ := message.Decide(state, command); len(events) > 0 && len(again) > 0 {
				t.Fatalf("%+v again yields %+v", command, again)
			}
		}
		for n, times := range counted {
			if times > 1 {
				t.Fatalf("attempt %d has %d receipts that count", n, times)
			}
		}
		if failures > 1 {
			t.Fatalf("failed %d times", failures)
		}
	})
}

func anyCommand(t *rapid.T, s message.State) message.Command {
	n := rapid.IntRange(1, s.NextAttempt()).Draw(t, "attempt")
	at := due.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "minutes")) * time.Minute)
	class := rapid.SampledFrom([]string{"permanent", "transient", "provider", "unknown"}).Draw(t, "class")
	receipt := rapid.SampledFrom([]string{"delivered", "undelivered", "expired", "unknown"}).Draw(t, "receipt")
	return rapid.SampledFrom([]message.Command{
		message.QueueReminder{Message: id, Letter: text, Rule: "day-before"},
		message.Suppress{Message: id, About: about, Reason: "cancelled"},
		attempt(attempted(n%10, rapid.SampledFrom([]string{"alpha", "beta"}).Draw(t, "provider"), at)),
		message.Accept{Message: id, Attempt: n, At: at},
		reject(n, class, rapid.Bool().Draw(t, "final")),
		report(n, receipt, at),
	}).Draw(t, "command")
}
