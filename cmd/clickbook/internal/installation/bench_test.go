package installation

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
)

// benchNoon is noon in São Paulo: nobody sleeps.
var benchNoon = time.Date(2026, 3, 4, 15, 0, 0, 0, time.UTC)

const (
	benchAccounts = 20
	benchToken    = "0123456789abcdef0123456789abcdef"
)

// bench is a durable installation with accounts whose reminders are queued.
type bench struct {
	*Installation
	b     *testing.B
	texts int
}

func openBench(b *testing.B, cmds ...domain.Command) *bench {
	in, err := Open(b.Context(), Location{Data: b.TempDir()}, Options{
		Now: func() time.Time { return benchNoon }, URL: "https://book.example.com",
		Log: slog.New(slog.NewTextHandler(b.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close() })
	w := &bench{Installation: in, b: b}
	w.do(commands.ForInstallation(domain.Actor{}), cmds...)
	for n := range benchAccounts {
		w.open(domain.DeriveID[domain.AccountID]("bench", n), n)
	}
	return w
}

func (w *bench) do(origin commands.Origin, cmds ...domain.Command) {
	for _, cmd := range cmds {
		if _, err := w.Engine.Do(w.b.Context(), origin, cmd); err != nil {
			w.b.Errorf("%T: %v", cmd, err)
		}
	}
}

func (w *bench) open(id domain.AccountID, n int) {
	settings, err := account.NewSettings(account.Form{
		Name: "Clinic", Email: "owner@example.com", Zone: "America/Sao_Paulo", Locale: "en", Country: "BR",
	})
	if err != nil {
		w.b.Fatal(err)
	}
	purchase := domain.DeriveUUID("purchase", n).String()
	w.do(commands.ForAccount(id, domain.Actor{}), account.Open{Account: id, Settings: settings}, credit.Purchase{
		Because:  credit.Because{Account: id.String(), Cause: purchase, RecordedAt: benchNoon},
		Purchase: purchase, Amount: 1_000_000_000_000,
	})
}

// queue queues n reminders of as many clients, in turn for each account, and returns their messages.
func (w *bench) queue(n int) []domain.MessageID {
	ids := make([]domain.MessageID, n)
	var group sync.WaitGroup
	for lane := range benchAccounts {
		owner := domain.DeriveID[domain.AccountID]("bench", lane)
		group.Go(func() {
			for i := lane; i < n; i += benchAccounts {
				ids[i] = w.queueOne(owner, w.texts+i)
			}
		})
	}
	group.Wait()
	w.texts += n
	return ids
}

func (w *bench) queueOne(owner domain.AccountID, n int) domain.MessageID {
	who, visit := domain.DeriveID[domain.ClientID]("bench", n), domain.DeriveID[domain.AppointmentID]("bench", n)
	id, start := domain.DeriveID[domain.MessageID]("bench", n), benchNoon.Add(24*time.Hour)
	phone := fmt.Sprintf("+552790%07d", n)
	contact, err := client.NewContact(client.Form{Name: "Ana", Phone: phone, Country: "BR"})
	if err != nil {
		w.b.Error(err)
	}
	w.do(commands.ForAccount(owner, domain.Actor{}),
		client.Register{Client: who, Account: owner, Contact: contact},
		appointment.Request{
			Appointment: visit, Account: owner, Client: who, Service: domain.DeriveID[domain.ServiceID]("bench"),
			Until: benchNoon.Add(time.Hour), Visit: appointment.Visit{
				Start: start, End: start.Add(time.Hour), Local: "2026-03-05T12:00:00", Zone: "America/Sao_Paulo",
				Legs: []appointment.Leg{{
					Resource: domain.DeriveID[domain.ResourceID]("bench"), Units: 1,
					Interval: domain.Interval{Start: start, End: start.Add(time.Hour)},
				}},
			},
		},
		appointment.Book{Appointment: visit},
		message.QueueReminder{Message: id, Rule: "day-before", Letter: message.Letter{
			Account: owner, Client: who, Appointment: visit, Channel: message.SMS, To: domain.Secret(phone), Country: "BR",
			Text: domain.Secret("a reminder of your visit"), Segments: 1, UnitPrice: 800_000,
			ScheduledFor: benchNoon, UsefulUntil: start,
		}},
	)
	return id
}

// slow is a provider that replies after 50 ms.
type slow struct {
	taken atomic.Int64
	want  int64
	done  chan struct{}
}

func (p *slow) Send(_ context.Context, text messaging.Text) (messaging.Accepted, error) {
	time.Sleep(50 * time.Millisecond)
	if p.taken.Add(1) == p.want {
		close(p.done)
	}
	return messaging.Accepted{ProviderID: text.Reference, At: benchNoon}, nil
}

func (p *slow) Status(context.Context, messaging.Inquiry) (messaging.Standing, error) {
	return messaging.Standing{}, messaging.ErrCannotTell
}

// BenchmarkDispatch measures texts from their queue through the books and the lanes to a provider that replies after
// 50 ms, on a durable log and with the read models that a server keeps. The raw limit is what the calls in progress at
// one provider allow: 48 in 50 ms.
func BenchmarkDispatch(b *testing.B) {
	const texts, limit = 3000, 48 / 0.05
	w := openBench(b, provider.Register{Provider: "alpha", Kind: "slow"},
		route.Set{Country: "BR", Providers: []string{"alpha"}})
	w.shareWorkers()
	carrier := &slow{}
	w.Dispatcher.Providers = messaging.ByKind{"slow": func(string) messaging.Provider { return carrier }}
	var spent time.Duration
	runs := 0
	for b.Loop() {
		b.StopTimer()
		carrier.want, carrier.done = carrier.taken.Load()+texts, make(chan struct{})
		w.queue(texts)
		if _, err := w.Projector.CatchUp(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		ctx, stop := context.WithCancel(b.Context())
		books, dispatch := w.Reactors()
		var running sync.WaitGroup
		start := time.Now()
		running.Go(func() { _ = w.Projector.Run(ctx) })
		running.Go(func() { _ = books.Run(ctx) })
		running.Go(func() { _ = dispatch.Run(ctx) })
		running.Go(func() { w.dispatch(ctx) })
		select {
		case <-carrier.done:
		case <-time.After(2 * time.Minute):
			b.Errorf("%d of %d texts after two minutes", carrier.taken.Load(), carrier.want)
		}
		spent += time.Since(start)
		runs++
		stop()
		running.Wait()
	}
	rate := float64(texts*runs) / spent.Seconds()
	b.ReportMetric(rate, "texts/s")
	b.ReportMetric(rate/limit, "of-limit")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkReceipts measures receipts that Twilio signed, from 16 callers through the HTTP API to a durable log. The raw
// limit is the same calls with a wrong signature, which are read and refused.
func BenchmarkReceipts(b *testing.B) {
	const texts, callers = 4000, 16
	w := openBench(b, provider.Register{
		Provider: "us", Kind: "twilio", Settings: []provider.Setting{
			{Name: "account_sid", Value: "AC" + benchToken}, {Name: "sender", Value: "+15005550006"},
		},
		Secrets: []provider.NewSecret{{Name: "auth_token", Value: domain.Secret(benchToken)}},
	})
	handler, err := w.api(nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	var times []time.Duration
	var good, refused time.Duration
	for b.Loop() {
		b.StopTimer()
		ids := w.queue(texts)
		for _, id := range ids {
			w.do(commands.ForInstallation(domain.Actor{}), message.StartAttempt{
				Message: id, Attempt: 1, Provider: "us", Country: "BR", Reference: messaging.ReferenceOf(id, 1), At: benchNoon,
			}, message.Accept{Message: id, Attempt: 1, ProviderID: "SM" + id.String(), At: benchNoon})
		}
		b.StartTimer()
		took, all := w.report(handler, ids, callers, benchToken, http.StatusOK)
		times, good = append(times, took...), good+all
		_, all = w.report(handler, ids, callers, "guessed", http.StatusUnauthorized)
		refused += all
	}
	slices.Sort(times)
	b.ReportMetric(float64(len(times))/good.Seconds(), "receipts/s")
	b.ReportMetric(refused.Seconds()/good.Seconds(), "of-refused")
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// report sends the receipts of messages and returns how long each took and how long all.
func (w *bench) report(
	handler http.Handler, ids []domain.MessageID, callers int, token string, want int,
) (took []time.Duration, all time.Duration) {
	took = make([]time.Duration, len(ids))
	began := time.Now()
	var group sync.WaitGroup
	for caller := range callers {
		group.Go(func() {
			for i := caller; i < len(ids); i += callers {
				request, out := receiptOf(ids[i], token), httptest.NewRecorder()
				start := time.Now()
				handler.ServeHTTP(out, request)
				if took[i] = time.Since(start); out.Code != want {
					w.b.Errorf("status %d, want %d: %s", out.Code, want, out.Body)
				}
			}
		})
	}
	group.Wait()
	return took, time.Since(began)
}

func receiptOf(id domain.MessageID, token string) *http.Request {
	address := "https://book.example.com/api/v1/callbacks/us/receipts?ref=" + messaging.ReferenceOf(id, 1)
	form := url.Values{
		"MessageSid": {"SM" + id.String()}, "MessageStatus": {"delivered"}, "AccountSid": {"AC" + benchToken},
	}
	signed := address
	for _, key := range slices.Sorted(maps.Keys(form)) {
		signed += key + form.Get(key)
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(signed))
	request := httptest.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return request
}
