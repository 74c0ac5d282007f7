package httpapi_test

import (
	"encoding/json"
	"net/http/httptest"
	"testing"

	"github.com/clickbook/clickbook/adapters/httpapi"
)

// newBench returns a world with one account. It stores no replies, so they do not pile up.
func newBench(b *testing.B) (*world, fixture) {
	w := newWorld(b, func(config *httpapi.Config) { config.Replies = failingReplies{} })
	return w, w.newAccount()
}

func BenchmarkRead(b *testing.B) {
	w, acc := newBench(b)
	for b.Loop() {
		w.handler.ServeHTTP(httptest.NewRecorder(), w.request(acc.staff, "GET", acc.path+"/clients/"+acc.client, nil))
	}
}

func BenchmarkRegister(b *testing.B) {
	w, acc := newBench(b)
	body := object{"name": "Ann", "phone": "+4915123456789", "email": "ann@example.com"}
	for b.Loop() {
		out := httptest.NewRecorder()
		w.handler.ServeHTTP(out, w.request(acc.staff, "POST", acc.path+"/clients", body))
		if out.Code != 201 {
			b.Fatal(out.Body)
		}
	}
}

// BenchmarkBookAndCancel measures two runs of the booking protocol: it books an hour and releases it again.
func BenchmarkBookAndCancel(b *testing.B) {
	w, acc := newBench(b)
	for b.Loop() {
		booked := httptest.NewRecorder()
		w.handler.ServeHTTP(booked,
			w.request(acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T09:00")))
		if booked.Code != 201 {
			b.Fatal(booked.Body)
		}
		var made struct{ ID string }
		if err := json.Unmarshal(booked.Body.Bytes(), &made); err != nil {
			b.Fatal(err)
		}
		cancelled := httptest.NewRecorder()
		w.handler.ServeHTTP(cancelled,
			w.request(acc.staff, "POST", acc.path+"/appointments/"+made.ID+"/cancel", object{"by": "staff"}))
		if cancelled.Code != 200 {
			b.Fatal(cancelled.Body)
		}
	}
}

// BenchmarkListStarts lists the starts of a month of a room that is open all day.
func BenchmarkListStarts(b *testing.B) {
	w := newWorld(b, func(config *httpapi.Config) { config.Replies = failingReplies{} })
	acc := w.nightly("Europe/Berlin", "DE")
	path := acc.path + "/services/" + acc.service + "/starts?from=2026-04-01&to=2026-05-01"
	for b.Loop() {
		out := httptest.NewRecorder()
		w.handler.ServeHTTP(out, w.request(acc.staff, "GET", path, nil))
		if out.Code != 200 {
			b.Fatal(out.Body)
		}
	}
}
