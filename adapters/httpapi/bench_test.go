package httpapi_test

import (
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
		path := booked.Body.String()[len(`{"id":"`):][:36]
		w.handler.ServeHTTP(httptest.NewRecorder(),
			w.request(acc.staff, "POST", acc.path+"/appointments/"+path+"/cancel", object{"by": "staff"}))
	}
}
