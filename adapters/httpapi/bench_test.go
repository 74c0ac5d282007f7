package httpapi_test

import (
	"net/http/httptest"
	"testing"

	"github.com/clickbook/clickbook/adapters/httpapi"
)

// newBench is a world for benchmarks, with one account in it.
func newBench(b *testing.B) (*world, tenant) {
	w := newWorld(b, func(config *httpapi.Config) { config.Replies = forgetful{} })
	return w, w.tenant()
}

func BenchmarkRead(b *testing.B) {
	w, made := newBench(b)
	for b.Loop() {
		w.handler.ServeHTTP(httptest.NewRecorder(), w.request(made.staff, "GET", made.path+"/clients/"+made.client, nil))
	}
}

func BenchmarkRegister(b *testing.B) {
	w, made := newBench(b)
	body := object{"name": "Ann", "phone": "+4915123456789", "email": "ann@example.com"}
	for b.Loop() {
		out := httptest.NewRecorder()
		w.handler.ServeHTTP(out, w.request(made.staff, "POST", made.path+"/clients", body))
		if out.Code != 201 {
			b.Fatal(out.Body)
		}
	}
}

// BenchmarkBookAndCancel takes one hour and gives it back: two of the protocol's wishes.
func BenchmarkBookAndCancel(b *testing.B) {
	w, made := newBench(b)
	for b.Loop() {
		booked := httptest.NewRecorder()
		w.handler.ServeHTTP(booked, w.request(made.staff, "POST", made.path+"/appointments", made.booking("2026-03-06T09:00")))
		if booked.Code != 201 {
			b.Fatal(booked.Body)
		}
		path := booked.Body.String()[len(`{"id":"`):][:36]
		w.handler.ServeHTTP(httptest.NewRecorder(),
			w.request(made.staff, "POST", made.path+"/appointments/"+path+"/cancel", object{"by": "staff"}))
	}
}
