package smpp

import (
	"strconv"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/clickbook/clickbook/commands/messaging"
)

// remembered bounds the book. What it forgets is found in the log, by sms.Config.Lookup.
const remembered = 50_000

// entry is a text that was submitted.
type entry struct {
	reference, to string
	accepted      messaging.Accepted
	refused       error                // nil unless the SMSC refused the text
	receipt       messaging.Receipt    // the latest
	said          map[string]time.Time // when each state was first reported
}

// book remembers which text of ours has which id of the provider. An id can be written in several ways, so it is kept
// in its canonical form.
type book struct {
	mu         sync.Mutex // guards the entries, too
	ids        *lru.Cache[string, *entry]
	references *lru.Cache[string, *entry]
	sameForm   bool // receipts write ids as responses do
}

func newBook() *book {
	ids, err := lru.New[string, *entry](remembered)
	references, other := lru.New[string, *entry](remembered)
	if err != nil || other != nil {
		panic("a size below 1") // it is a constant
	}
	return &book{ids: ids, references: references}
}

// accepted records that a text was accepted.
func (b *book) accept(text messaging.Text, accepted messaging.Accepted) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := &entry{reference: text.Reference, to: text.To, accepted: accepted, said: make(map[string]time.Time)}
	b.references.Add(text.Reference, e)
	if accepted.ProviderID != "" {
		b.ids.Add(canonical(accepted.ProviderID), e)
	}
}

// refuse records that a text was refused. It matters only if nobody waited for the response any more.
func (b *book) refuse(text messaging.Text, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.references.Add(text.Reference, &entry{reference: text.Reference, to: text.To, refused: err})
}

// find returns the reference of the text that a receipt of a handset is about. The number must agree, because an id in
// one form may be that of another text in another.
func (b *book) find(id, handset string) (string, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, form := range b.forms(id) {
		if e, ok := b.ids.Get(form); ok && (handset == "" || digits(e.to) == digits(handset)) {
			b.sameForm = b.sameForm || i == 0
			return e.reference, true
		}
	}
	return "", false
}

// candidates returns the ids under which the log may know a text.
func (b *book) candidates(id string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.forms(id)
}

func (b *book) forms(id string) []string {
	all := forms(id)
	if b.sameForm { // the other forms could only be wrong
		return all[:1]
	}
	return all
}

// report records a receipt, and returns it with the time at which its state was first reported, so that a repeated one
// is the same.
func (b *book) report(receipt messaging.Receipt) messaging.Receipt {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.references.Get(receipt.Reference)
	if !ok {
		e = &entry{reference: receipt.Reference, said: make(map[string]time.Time)}
		b.references.Add(receipt.Reference, e)
	}
	if e.said == nil {
		e.said = make(map[string]time.Time)
	}
	if first, ok := e.said[receipt.State]; ok {
		receipt.At = first
	} else {
		e.said[receipt.State] = receipt.At
	}
	e.receipt = receipt
	return receipt
}

// standing returns what is known of a text.
func (b *book) standing(reference string) (messaging.Standing, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.references.Get(reference)
	switch {
	case !ok:
		return messaging.Standing{}, messaging.ErrCannotTell
	case e.refused != nil:
		return messaging.Standing{}, e.refused
	case e.accepted.At.IsZero():
		return messaging.Standing{}, messaging.ErrCannotTell
	}
	return messaging.Standing{Accepted: e.accepted, Receipt: e.receipt}, nil
}

// canonical returns an id without leading zeros and, if it is a number, in small letters. It is the form that is kept,
// here and in the log.
func canonical(id string) string {
	if !isHex(id) {
		return id
	}
	if id = strings.TrimLeft(strings.ToLower(id), "0"); id == "" {
		return "0"
	}
	return id
}

// forms returns the canonical forms that an id in a receipt may have in a response: as it is, and with the base of the
// number changed. Some SMSCs write one in decimal and the other in hexadecimal digits.
func forms(id string) []string {
	all := []string{canonical(id)}
	if !isHex(id) {
		return all
	}
	add := func(base, other int) {
		if n, err := strconv.ParseUint(id, base, 64); err == nil {
			if form := strconv.FormatUint(n, other); form != all[0] {
				all = append(all, form)
			}
		}
	}
	add(10, 16)
	add(16, 10)
	return all
}

func isHex(id string) bool { return id != "" && strings.Trim(id, "0123456789abcdefABCDEF") == "" }

func digits(number string) string { return strings.TrimPrefix(number, "+") }
