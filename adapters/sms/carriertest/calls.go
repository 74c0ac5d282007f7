package carriertest

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/sms"
)

// calledBack returns the lab's provider if it has calls.
func (l Lab) calledBack(t *testing.T) sms.CalledBack {
	t.Helper()
	provider, ok := l.Provider.(sms.CalledBack)
	if !ok || l.Calls == nil {
		t.Skip("the provider does not call us over HTTP")
	}
	return provider
}

// forged changes one bit of each valid call at a time, and repeats calls after their time.
func forged(t *testing.T, lab Lab) {
	provider := lab.calledBack(t)
	for _, call := range lab.Calls() {
		if _, err := provider.Callback(call); err != nil {
			t.Fatalf("a valid call: %v", err)
		}
		if lab.Sign == nil {
			continue
		}
		for bit := range len(call.Body) * 8 {
			changed := clone(call)
			changed.Body[bit/8] ^= 1 << (bit % 8)
			if sameForm(call, changed) {
				continue // %2B became %2b, which says the same
			}
			refused(t, provider, changed, "one bit of the body")
		}
		changed := clone(call)
		changed.Body = nil
		if len(call.Body) > 0 {
			refused(t, provider, changed, "no body")
		}
	}
}

// sameForm reports whether two bodies are forms with the same keys and values.
func sameForm(one, other sms.Call) bool {
	if strings.HasPrefix(one.Header.Get("Content-Type"), "application/json") {
		return false
	}
	a, errA := url.ParseQuery(string(one.Body))
	b, errB := url.ParseQuery(string(other.Body))
	return errA == nil && errB == nil && reflect.DeepEqual(a, b)
}

func refused(t *testing.T, provider sms.CalledBack, call sms.Call, what string) {
	t.Helper()
	got, err := provider.Callback(call)
	if !errors.Is(err, sms.ErrForged) {
		t.Fatalf("%s changed, body %q: %+v, %v", what, call.Body, got, err)
	}
}

// strange sends what providers and attackers may send. It is signed if the provider signs, so that it gets as far as
// the parser.
func strange(t *testing.T, lab Lab) {
	provider := lab.calledBack(t)
	random := rand.New(rand.NewPCG(1, 2))
	for _, call := range lab.Calls() {
		for _, body := range strangeBodies(call.Body) {
			lab.survives(t, provider, call, body)
		}
		for range 3000 {
			lab.survives(t, provider, call, mutate(random, call.Body))
		}
		for _, query := range []string{"?", "?%zz", "?a=b;c", "?t=%ff%fe&t=1", "?" + strings.Repeat("k=v&", 5000)} {
			changed := clone(call)
			base, _, _ := strings.Cut(changed.URL, "?")
			changed.URL = base + query
			lab.survives(t, provider, changed, changed.Body)
		}
		changed := clone(call)
		changed.URL, changed.Header = "http://[::1", http.Header{}
		lab.survives(t, provider, changed, changed.Body)
		for _, kind := range []string{"", "text/plain", "multipart/form-data; boundary=x", "application/json; charset=\xff"} {
			changed := clone(call)
			changed.Header.Set("Content-Type", kind)
			lab.survives(t, provider, changed, changed.Body)
		}
	}
}

// survives checks that a call with a body has one of the documented results, signed or not.
func (l Lab) survives(t *testing.T, provider sms.CalledBack, call sms.Call, body []byte) {
	t.Helper()
	call = clone(call)
	call.Body = body
	calls := []sms.Call{call}
	if l.Sign != nil {
		calls = append(calls, l.Sign(call))
	}
	for _, call := range calls {
		got, err := provider.Callback(call)
		if err != nil && !errors.Is(err, sms.ErrForged) && !errors.Is(err, sms.ErrMalformed) {
			t.Fatalf("body %.200q: %v", call.Body, err)
		}
		l.silent(t, err)
		for _, receipt := range got.Receipts {
			if _, ok := finals[receipt.State]; !ok || receipt.At.IsZero() {
				t.Fatalf("body %.200q: %+v", call.Body, receipt)
			}
		}
		for _, inbound := range got.Inbound {
			if inbound.At.IsZero() {
				t.Fatalf("body %.200q: %+v", call.Body, inbound)
			}
		}
	}
}

// strangeBodies are bodies that no parser should get.
func strangeBodies(valid []byte) [][]byte {
	deep := strings.Repeat("[", 20_000)
	return [][]byte{
		nil, []byte("\x00"), []byte("null"), []byte("[]"), []byte("{}"), []byte("0"), []byte(`"x"`), []byte("{\"a\":"),
		[]byte("\xff\xfe\xfd"), []byte("a=%zz"), []byte("%"), []byte("&&&==;"), []byte(deep),
		[]byte(strings.Repeat(`{"a":`, 20_000)), []byte(strings.Repeat("a=b&", 20_000)),
		[]byte(strings.Repeat("x", 1<<20)), append(append([]byte{}, valid...), valid...),
		append(append(append([]byte{}, valid...), '&'), valid...),
		[]byte(`{"message_uuid":1,"timestamp":{},"status":[],"messages":{},"event":7,"data":[[]]}`),
		[]byte(`{"status":"delivered","timestamp":"9999999999999999999","message_uuid":"\ud800"}`),
		[]byte("MessageSid=&MessageStatus=delivered&MessageStatus=failed&ErrorCode=0x1f"),
		[]byte("status=delivered&scts=9999999999&err-code=-1&client-ref=" + strings.Repeat("r", 5000)),
		[]byte("status=2&scts=2002300099&message-timestamp=2020-13-45&client-ref=%00%ff"),
	}
}

func mutate(random *rand.Rand, body []byte) []byte {
	changed := append([]byte{}, body...)
	for range 1 + random.IntN(4) {
		if len(changed) == 0 {
			return changed
		}
		at := random.IntN(len(changed))
		switch random.IntN(4) {
		case 0:
			changed[at] = byte(random.Uint32())
		case 1:
			changed = append(changed[:at], changed[at+1:]...)
		case 2:
			changed = append(changed[:at:at], append([]byte("&=%\"{}[]0\xff:,")[random.IntN(12):], changed[at:]...)...)
		default:
			changed = changed[:at]
		}
	}
	return changed
}

func clone(call sms.Call) sms.Call {
	call.Header = call.Header.Clone()
	call.Body = append([]byte(nil), call.Body...)
	return call
}

// Fuzz fuzzes the parser of a provider's calls, signed and not.
func Fuzz(f *testing.F, lab Lab) {
	provider, ok := lab.Provider.(sms.CalledBack)
	if !ok {
		f.Fatal("the provider does not call us over HTTP")
	}
	calls := lab.Calls()
	for n, call := range calls {
		f.Add(n, call.Body)
		for _, body := range strangeBodies(call.Body) {
			if len(body) < 4096 {
				f.Add(n, body)
			}
		}
	}
	f.Fuzz(func(t *testing.T, n int, body []byte) {
		lab.survives(t, provider, calls[uint(n)%uint(len(calls))], body)
	})
}
