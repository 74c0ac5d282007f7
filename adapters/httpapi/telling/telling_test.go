package telling_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/httpapi/telling"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
)

// TestEveryEventIsTold fails for a new event of an appointment or a message that has no sentence.
func TestEveryEventIsTold(t *testing.T) {
	for _, of := range []struct {
		types domain.Types
		tell  func(domain.Event) string
	}{{appointment.Types, telling.Appointment}, {message.Types, telling.Message}} {
		for _, one := range of.types {
			event := reflect.Zero(one.Go).Interface().(domain.Event)
			if told := of.tell(event); told == one.Name || !strings.Contains(told, " ") {
				t.Errorf("%s is told as %q, which is no sentence", one.Name, told)
			}
		}
	}
}

func TestCredits(t *testing.T) {
	for micro, want := range map[int64]string{
		0: "0 credits", 1_000_000: "1 credit", 1: "0.000001 credits", -1_500_000: "−1.5 credits",
	} {
		if got := telling.Credits(micro); got != want {
			t.Errorf("%d micro-credits are written %q, want %q", micro, got, want)
		}
	}
}
