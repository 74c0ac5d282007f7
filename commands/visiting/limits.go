package visiting

import (
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/clickbook/clickbook/domain"
)

// How much visitors may do. A household or an office shares an address, so a few holds are normal.
const (
	maxHoldsOfAddress    = 5   // at once
	maxHoldsOfAccount    = 200 // at once
	maxBookingsOfAddress = 20  // in an hour
	maxBookingsOfAccount = 300 // in an hour
	maxEmailsToAddress   = 5   // in an hour, to confirm bookings
	maxRemembered        = 20_000
)

// Refusals of visitors who do too much.
var (
	ErrManyHolds = domain.Refuse(domain.Disallowed, "too_many_holds",
		"too many starts are held from your network; book one of them, or wait ten minutes")
	ErrManyBookings = domain.Refuse(domain.Disallowed, "too_many_bookings",
		"too many bookings were made from your network; wait an hour, or phone the business")
	ErrManyEmails = domain.Refuse(domain.Disallowed, "too_many_emails",
		"too many emails were sent to this address; use the link in one of them, or wait an hour").At("email")
	ErrBusyPage = domain.Refuse(domain.Disallowed, "page_busy",
		"too many people are booking at this moment; try again in some minutes, or phone the business")
)

// Limits bounds what visitors hold and book, by network address and by account. It is kept in memory: what is held or
// booked is in the log, and a restart only forgets who did it.
type Limits struct {
	mu       sync.Mutex
	holds    *simplelru.LRU[string, map[domain.AppointmentID]time.Time] // when each ends
	bookings *simplelru.LRU[string, map[domain.AppointmentID]time.Time] // when each counts no more
	places   *simplelru.LRU[domain.AppointmentID, [2]string]            // the keys in holds
}

// NewLimits returns limits that nobody has used.
func NewLimits() *Limits {
	return &Limits{
		holds:    newLRU[string, map[domain.AppointmentID]time.Time](),
		bookings: newLRU[string, map[domain.AppointmentID]time.Time](),
		places:   newLRU[domain.AppointmentID, [2]string](),
	}
}

func newLRU[K comparable, V any]() *simplelru.LRU[K, V] {
	cache, err := simplelru.NewLRU[K, V](maxRemembered, nil)
	if err != nil {
		panic(err) // the size is positive
	}
	return cache
}

// hold counts a hold until it ends, or refuses it.
func (l *Limits) hold(account domain.AccountID, from string, id domain.AppointmentID, now, until time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys := keysOf(account, from)
	if full(l.holds, keys[0], id, now, maxHoldsOfAddress) {
		return ErrManyHolds
	}
	if full(l.holds, keys[1], id, now, maxHoldsOfAccount) {
		return ErrBusyPage
	}
	for _, key := range keys {
		count(l.holds, key, id, until)
	}
	l.places.Add(id, keys)
	return nil
}

// release counts a hold no more.
func (l *Limits) release(id domain.AppointmentID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys, _ := l.places.Get(id)
	for _, key := range keys {
		if counted, ok := l.holds.Get(key); ok {
			delete(counted, id)
		}
	}
	l.places.Remove(id)
}

// book counts a booking for an hour, or refuses it. The same one counts once.
func (l *Limits) book(account domain.AccountID, from string, id domain.AppointmentID, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys := keysOf(account, from)
	if full(l.bookings, keys[0], id, now, maxBookingsOfAddress) {
		return ErrManyBookings
	}
	if full(l.bookings, keys[1], id, now, maxBookingsOfAccount) {
		return ErrBusyPage
	}
	for _, key := range keys {
		count(l.bookings, key, id, now.Add(time.Hour))
	}
	return nil
}

// ask counts an email that asks to confirm a booking, for an hour, or refuses it. One about the same booking to the
// same address counts once, because it is not sent again.
func (l *Limits) ask(id domain.AppointmentID, email string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := "email " + strings.ToLower(email)
	if full(l.bookings, key, id, now, maxEmailsToAddress) {
		return ErrManyEmails
	}
	count(l.bookings, key, id, now.Add(time.Hour))
	return nil
}

// keysOf returns the keys of an address, which counts at all accounts together, and of an account.
func keysOf(account domain.AccountID, from string) [2]string {
	return [2]string{"address " + from, "account " + account.String()}
}

// full reports whether a key has no room for another id. It forgets what is over.
func full(
	in *simplelru.LRU[string, map[domain.AppointmentID]time.Time], key string, id domain.AppointmentID, now time.Time,
	limit int,
) bool {
	counted, _ := in.Get(key)
	for other, until := range counted {
		if !now.Before(until) {
			delete(counted, other)
		}
	}
	_, known := counted[id]
	return !known && len(counted) >= limit
}

func count(
	in *simplelru.LRU[string, map[domain.AppointmentID]time.Time], key string, id domain.AppointmentID,
	until time.Time,
) {
	counted, ok := in.Get(key)
	if !ok {
		counted = make(map[domain.AppointmentID]time.Time)
		in.Add(key, counted)
	}
	counted[id] = until
}
