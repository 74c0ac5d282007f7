package sms_test

import (
	"errors"
	"testing"

	"github.com/clickbook/clickbook/adapters/sms"
)

func TestHandledRepeatsOnlyWhatFailed(t *testing.T) {
	handled := sms.NewHandled(2)
	failed := errors.New("the disk is full")
	for n, c := range []struct {
		once   string
		result error
		ran    bool
	}{
		{"a", failed, true},
		{"a", nil, true},
		{"a", nil, false},
		{"", nil, true},
		{"", nil, true},
		{"b", nil, true},
		{"c", nil, true}, // a is forgotten
		{"a", nil, true},
		{"c", nil, false},
	} {
		ran, err := handled.Do(sms.Callback{Once: c.once}, func() error { return c.result })
		if ran != c.ran || !errors.Is(err, c.result) {
			t.Errorf("step %d, %q: ran %t, %v", n, c.once, ran, err)
		}
	}
}
