package message_test

import (
	"time"

	"github.com/clickbook/clickbook/domain/message"
)

func attempting() []example {
	late := first
	late.At = start
	taken := attempted(1, "beta", due)
	return []example{
		{Name: "is attempted", Given: given(queued), When: attempt(first), Then: given(first)},
		{Name: "the same attempt claimed again", Given: given(queued, first, sent(first, "p1", due)), When: attempt(first)},
		{Name: "another claims the same number", Given: given(queued, first), When: attempt(taken), Refused: message.ErrOpen},
		{
			Name: "another was accepted meanwhile", Given: given(queued, first, sent(first, "p1", due)),
			When: attempt(taken), Refused: message.ErrOver,
		},
		{Name: "in doubt, no second text", Given: given(queued, first), When: attempt(second), Refused: message.ErrOpen},
		{
			Name: "the next provider after a rejection", Given: given(queued, first, rejected(first, "provider", "E1")),
			When: attempt(second), Then: given(second),
		},
		{
			Name:  "no attempt after acceptance",
			Given: given(queued, first, sent(first, "p1", due)), When: attempt(second), Refused: message.ErrOver,
		},
		{
			Name:  "no attempt after the end",
			Given: given(queued, first, rejected(first, "permanent", "E1"), failed(first, "permanent", "E1")),
			When:  attempt(second), Refused: message.ErrOver,
		},
		{
			Name: "no attempt when suppressed", Given: given(queued, suppressed("no_credit")), When: attempt(first),
			Refused: message.ErrOver,
		},
		{Name: "a number that skips one", Given: given(queued), When: attempt(second), Refused: message.ErrNumber},
		{Name: "after it is useful", Given: given(queued), When: attempt(late), Refused: message.ErrTooLate},
		{
			Name: "an eleventh time", Given: tenAttempts(), When: attempt(attempted(11, "alpha", due)),
			Refused: message.ErrSpent,
		},
		{Name: "unknown", When: attempt(first), Refused: message.ErrUnknown},
		{Name: "an email", Given: given(mailing), When: attempt(first), Refused: message.ErrChannel},
	}
}

func tenAttempts() []message.Event {
	events := given(queued)
	for n := 1; n <= 10; n++ {
		a := attempted(n, "alpha", due)
		events = append(events, a, rejected(a, "transient", "E1"))
	}
	return events
}

func outcomes() []example {
	accept := func(n int, at time.Time) message.Command {
		return message.Accept{Message: id, Attempt: n, ProviderID: "p1", At: at}
	}
	soon := due.Add(time.Second)
	gaveUp := given(queued, first, rejected(first, "transient", "E1"))
	ended := given(queued, first, rejected(first, "permanent", "E1"), failed(first, "permanent", "E1"))
	return []example{
		{Name: "is accepted", Given: given(queued, first), When: accept(1, soon), Then: given(sent(first, "p1", soon))},
		{
			Name: "is accepted once", Given: given(queued, first, sent(first, "p1", soon)),
			When: accept(1, soon.Add(time.Hour)),
		},
		{Name: "accepted after we gave up", Given: gaveUp, When: accept(1, soon), Then: given(sent(first, "p1", soon))},
		{Name: "accepted after the end", Given: ended, When: accept(1, soon), Then: given(sent(first, "p1", soon))},
		{Name: "never attempted", Given: given(queued), When: accept(1, soon), Refused: message.ErrAttemptUnknown},
		{Name: "unknown is not accepted", When: accept(1, soon), Refused: message.ErrUnknown},
		{
			Name: "is rejected", Given: given(queued, first), When: reject(1, "transient", false),
			Then: given(rejected(first, "transient", "E1")),
		},
		{
			Name: "is finally rejected", Given: given(queued, first), When: reject(1, "permanent", true),
			Then: given(rejected(first, "permanent", "E1"), failed(first, "permanent", "E1")),
		},
		{
			Name: "rejected before, now finally", Given: gaveUp, When: reject(1, "provider", true),
			Then: given(failed(first, "provider", "E1")),
		},
		{
			Name: "an old attempt does not end an open one", Given: append(gaveUp, second),
			When: reject(1, "transient", true),
		},
		{
			Name: "the message arrived by another attempt", Given: append(gaveUp, second, sent(first, "p1", soon)),
			When: reject(2, "permanent", true), Then: given(rejected(second, "permanent", "E1")),
		},
		{
			Name: "accepted cannot be rejected", Given: given(queued, first, sent(first, "p1", soon)),
			When: reject(1, "transient", false), Refused: message.ErrAccepted,
		},
		{Name: "with an unknown class", Given: given(queued, first), When: reject(1, "odd", false), Refused: message.ErrClass},
		{
			Name: "no attempt to reject", Given: given(queued), When: reject(1, "unknown", true),
			Refused: message.ErrAttemptUnknown,
		},
	}
}

func receipts() []example {
	at := due.Add(time.Minute)
	accepted := given(queued, first, sent(first, "p1", due))
	counted := reported(first, "delivered", at, true)
	return []example{
		{Name: "delivered", Given: accepted, When: report(1, "delivered", at), Then: given(counted)},
		{
			Name: "undelivered", Given: accepted, When: report(1, "undelivered", at),
			Then: given(reported(first, "undelivered", at, true), failed(first, "undelivered", "000")),
		},
		{
			Name: "expired", Given: accepted, When: report(1, "expired", at),
			Then: given(reported(first, "expired", at, true), failed(first, "expired", "000")),
		},
		{
			Name: "unknown is not final", Given: accepted, When: report(1, "unknown", at),
			Then: given(reported(first, "unknown", at, false)),
		},
		{
			Name: "final after unknown", Given: append(accepted, reported(first, "unknown", at, false)),
			When: report(1, "delivered", at), Then: given(counted),
		},
		{Name: "the same twice", Given: append(accepted, counted), When: report(1, "delivered", at)},
		{
			Name: "repeated later, for the audit", Given: append(accepted, counted),
			When: report(1, "delivered", at.Add(time.Minute)),
			Then: given(reported(first, "delivered", at.Add(time.Minute), false)),
		},
		{
			Name: "contradicting, for the audit", Given: append(accepted, counted), When: report(1, "undelivered", at),
			Then: given(reported(first, "undelivered", at, false)),
		},
		{Name: "too many receipts without effect", Given: append(accepted, nineReports(at)...), When: report(1, "expired", at)},
		{
			Name: "in doubt: a provider that reports a text had accepted it", Given: given(queued, first), When: report(1, "delivered", at),
			Then: given(sent(first, "", first.At), counted),
		},
		{
			Name:  "rejected, but delivered after all",
			Given: given(queued, first, rejected(first, "unknown", ""), second, sent(second, "p2", second.At)),
			When:  report(1, "delivered", at), Then: given(sent(first, "", first.At), counted),
		},
		{Name: "for an unknown attempt", Given: accepted, When: report(2, "delivered", at), Refused: message.ErrAttemptUnknown},
		{Name: "for an unknown message", When: report(1, "delivered", at), Refused: message.ErrUnknown},
		{Name: "with an unknown state", Given: accepted, When: report(1, "eaten", at), Refused: message.ErrReceipt},
		{Name: "without a time", Given: accepted, When: report(1, "delivered", time.Time{}), Refused: message.ErrReceipt},
	}
}

// losses returns examples of texts that a provider accepted and that did not arrive.
func losses() []example {
	at := due.Add(time.Minute)
	lost := reported(first, "undelivered", at, true)
	gaveUp := given(queued, first, rejected(first, "unknown", ""))
	both := append(gaveUp, second, sent(second, "p2", second.At), sent(first, "", first.At))
	oneOpen := append(gaveUp, second, sent(first, "", first.At), lost)
	ended := append(given(queued, first, sent(first, "p1", due)), lost, failed(first, "undelivered", "000"))
	return []example{
		{
			Name: "in doubt, reported undelivered: accepted and failed at once", Given: given(queued, first),
			When: report(1, "undelivered", at),
			Then: given(sent(first, "", first.At), lost, failed(first, "undelivered", "000")),
		},
		{
			Name: "one of two accepted attempts is lost, the other may arrive", Given: both,
			When: report(1, "undelivered", at), Then: given(lost),
		},
		{
			Name: "the second of two accepted attempts is lost too", Given: append(both, lost),
			When: report(2, "expired", at), Then: given(reported(second, "expired", at, true), failed(second, "expired", "000")),
		},
		{
			Name:  "one of two accepted attempts arrived, the other is lost",
			Given: append(both, reported(second, "delivered", at, true)), When: report(1, "undelivered", at),
			Then: given(lost),
		},
		{
			Name:  "an old attempt is lost while a new one is open",
			Given: append(gaveUp, second), When: report(1, "undelivered", at),
			Then: given(sent(first, "", first.At), lost),
		},
		{
			Name: "the open attempt is refused after the old one was lost", Given: oneOpen,
			When: reject(2, "transient", false),
			Then: given(rejected(second, "transient", "E1"), failed(first, "undelivered", "000")),
		},
		{
			Name:  "failed without acceptance, then accepted and lost: it failed already",
			Given: append(gaveUp, failed(first, "unknown", "")), When: report(1, "undelivered", at),
			Then: given(sent(first, "", first.At), lost),
		},
		{
			Name: "suppressed, then accepted and lost", Given: append(gaveUp, suppressed("moved")),
			When: report(1, "undelivered", at),
			Then: given(sent(first, "", first.At), lost, failed(first, "undelivered", "000")),
		},
		{
			Name: "delivered after it failed: for the audit only", Given: ended, When: report(1, "delivered", at),
			Then: given(reported(first, "delivered", at, false)),
		},
		{Name: "the same loss again", Given: ended, When: report(1, "undelivered", at)},
		{Name: "no attempt after a loss", Given: ended, When: attempt(second), Refused: message.ErrOver},
		{
			Name:  "a log from before losses were failures stays as it is",
			Given: append(given(queued, first, sent(first, "p1", due)), lost), When: report(1, "delivered", at),
			Then: given(reported(first, "delivered", at, false)),
		},
	}
}

// nineReports returns one receipt that counts and the eight others that are kept.
func nineReports(at time.Time) []message.Event {
	events := given(reported(first, "delivered", at, true))
	for n := 1; n <= 8; n++ {
		events = append(events, reported(first, "delivered", at.Add(time.Duration(n)*time.Second), false))
	}
	return events
}
