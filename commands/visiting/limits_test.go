package visiting

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
)

var (
	clinic = domain.DeriveID[domain.AccountID]("clinic")
	school = domain.DeriveID[domain.AccountID]("school")
	noon   = time.Date(2016, 5, 2, 12, 0, 0, 0, time.UTC)
)

func visit(n int) domain.AppointmentID { return domain.DeriveID[domain.AppointmentID]("visit", n) }

func TestHoldsOfAnAddressEndWithTime(t *testing.T) {
	l := NewLimits()
	hold := func(n int, account domain.AccountID, from string, now time.Time) error {
		return l.hold(account, from, visit(n), now, now.Add(HoldTime))
	}
	for n := range maxHoldsOfAddress {
		if err := hold(n, clinic, "192.0.2.1/32", noon); err != nil {
			t.Fatal(err)
		}
	}
	if err := hold(0, clinic, "192.0.2.1/32", noon); err != nil {
		t.Errorf("the same hold again returned %v", err)
	}
	for _, account := range []domain.AccountID{clinic, school} {
		if err := hold(90, account, "192.0.2.1/32", noon); !errors.Is(err, ErrManyHolds) {
			t.Errorf("one hold too many returned %v", err)
		}
	}
	if err := hold(91, clinic, "192.0.2.2/32", noon); err != nil {
		t.Errorf("the hold of another address returned %v", err)
	}
	l.release(visit(0))
	if err := hold(92, clinic, "192.0.2.1/32", noon); err != nil {
		t.Errorf("a hold after a release returned %v", err)
	}
	if err := hold(93, clinic, "192.0.2.1/32", noon.Add(HoldTime)); err != nil {
		t.Errorf("a hold after the others were over returned %v", err)
	}
}

func TestHoldsOfAnAccountAreLimited(t *testing.T) {
	l := NewLimits()
	for n := range maxHoldsOfAccount {
		if err := l.hold(clinic, fmt.Sprint("address ", n), visit(n), noon, noon.Add(HoldTime)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.hold(clinic, "another", visit(900), noon, noon.Add(HoldTime)); !errors.Is(err, ErrBusyPage) {
		t.Errorf("one hold too many returned %v", err)
	}
	if err := l.hold(school, "another", visit(901), noon, noon.Add(HoldTime)); err != nil {
		t.Errorf("the hold of another account returned %v", err)
	}
}

func TestEmailsToAnAddressAreLimited(t *testing.T) {
	l := NewLimits()
	for n := range maxEmailsToAddress {
		for range 2 {
			if err := l.ask(visit(n), "Ann@example.com", noon); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := l.ask(visit(900), "ann@EXAMPLE.com", noon); !errors.Is(err, ErrManyEmails) {
		t.Errorf("one email too many returned %v", err)
	}
	if err := l.ask(visit(900), "ben@example.com", noon); err != nil {
		t.Errorf("an email to somebody else returned %v", err)
	}
	if err := l.ask(visit(900), "ann@example.com", noon.Add(time.Hour)); err != nil {
		t.Errorf("an email an hour later returned %v", err)
	}
}

func TestBookingsInAnHourAreLimited(t *testing.T) {
	l := NewLimits()
	for n := range maxBookingsOfAddress {
		if err := l.book(clinic, "192.0.2.1/32", visit(n), noon); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.book(clinic, "192.0.2.1/32", visit(900), noon); !errors.Is(err, ErrManyBookings) {
		t.Errorf("one booking too many returned %v", err)
	}
	if err := l.book(clinic, "192.0.2.1/32", visit(900), noon.Add(time.Hour)); err != nil {
		t.Errorf("a booking an hour later returned %v", err)
	}
	l = NewLimits()
	for n := range maxBookingsOfAccount {
		if err := l.book(clinic, fmt.Sprint("address ", n), visit(n), noon); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.book(clinic, "another", visit(901), noon); !errors.Is(err, ErrBusyPage) {
		t.Errorf("one booking too many of an account returned %v", err)
	}
}
