package credit

import "fmt"

// Faults returns what is wrong with the books; anything is a bug. Covered reports which messages a window makes free
// now. If it is nil the refund targets are not checked, because they hold only once every event so far was handled.
func (s State) Faults(covered func(Charge) bool) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for _, lot := range s.lots {
		if lot.Amount < 0 {
			fault("lot %s has %d", lot.ID, lot.Amount)
		}
	}
	var held, kept int64
	for id, r := range s.records() {
		c := r.charge(id)
		if c.Refunded < 0 || c.Refunded > c.Charged {
			fault("message %s has %d of %d back", id, c.Refunded, c.Charged)
		}
		if covered != nil && c.Stage == Captured && c.Refunded != c.Target(covered(c)) {
			fault("message %s has %d back and is due %d", id, c.Refunded, c.Target(covered(c)))
		}
		if r.stage == Held {
			held += r.price
		}
		kept += c.Charged - c.Refunded
	}
	if held != s.Held() {
		fault("%d is held, open holds are %d", s.Held(), held)
	}
	if expired := s.added - s.Owned() - kept; expired < 0 || expired > s.added {
		fault("%d was added, %d is owned and %d was paid for messages", s.added, s.Owned(), kept)
	}
	return faults
}
