package messaging

import (
	"context"
	"sync"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
)

// The limits of texts to one number, whatever account sends them.
const (
	maxPerHour = 3
	maxPerDay  = 10
)

// Traffic says what was sent before the server started.
type Traffic interface {
	// SentTo returns when providers accepted texts to a number since an instant, up to limit of them.
	SentTo(ctx context.Context, number string, since time.Time, limit int) ([]time.Time, error)
	// Spent returns what the texts of an account cost since an instant, in micro-credits.
	Spent(ctx context.Context, account domain.AccountID, since time.Time) (int64, error)
}

// NumberLimits bounds the texts to a number and the daily cost of an account. A nil NumberLimits counts nothing.
type NumberLimits struct {
	Traffic Traffic

	mu   sync.Mutex
	sent map[string][]time.Time // of each number since the server started, at most maxPerDay, the oldest first
}

// Count counts a text to a number.
func (l *NumberLimits) Count(number string, now time.Time) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sent == nil {
		l.sent = make(map[string][]time.Time)
	}
	times := append(l.sent[number], now)
	l.sent[number] = times[max(0, len(times)-maxPerDay):]
	if len(l.sent) > maxNumbers {
		l.forget(now)
	}
}

// maxNumbers is how many numbers are counted before the old ones are forgotten.
const maxNumbers = 100_000

// forget drops the numbers without a text in the last day.
func (l *NumberLimits) forget(now time.Time) {
	for number, times := range l.sent {
		if now.Sub(times[len(times)-1]) > 24*time.Hour {
			delete(l.sent, number)
		}
	}
}

// Exceeded returns the limit that a text would break: number_limit, daily_limit or "".
func (l *NumberLimits) Exceeded(
	ctx context.Context, owner account.State, text message.State, now time.Time,
) (string, error) {
	number := text.To.Reveal()
	times, err := l.Traffic.SentTo(ctx, number, now.Add(-24*time.Hour), maxPerDay)
	if err != nil {
		return "", err
	}
	l.mu.Lock()
	recent := l.sent[number]
	l.mu.Unlock()
	if tooMany(times, now) || tooMany(recent, now) { // the read model has the older ones, memory has the newest
		return "number_limit", nil
	}
	if owner.Limits.PerDayMicro == 0 {
		return "", nil
	}
	zone, err := domain.ParseZone(owner.Zone)
	if err != nil {
		return "", err
	}
	year, month, day := now.In(zone).Date()
	spent, err := l.Traffic.Spent(ctx, text.Account, domain.FirstInstant(year, month, day, zone))
	if err == nil && spent+text.Price() > owner.Limits.PerDayMicro {
		return "daily_limit", nil
	}
	return "", err
}

func tooMany(times []time.Time, now time.Time) bool {
	hour, day := 0, 0
	for _, at := range times {
		if now.Sub(at) < time.Hour {
			hour++
		}
		if now.Sub(at) < 24*time.Hour {
			day++
		}
	}
	return hour >= maxPerHour || day >= maxPerDay
}
