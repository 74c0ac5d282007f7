package main

import (
	"strings"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// An operator sets a route, switches it for a day and restores it, each with one command.
func TestRouteIsSwitchedByOneCommand(t *testing.T) {
	at := installation.Location{Data: t.TempDir()}
	firstStart(t, at).stop()
	data := []string{"--data", at.Data}
	route := func(args ...string) string {
		t.Helper()
		return must(t, append(append([]string{"route"}, args...), data...)...).out
	}
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"set", "US", "alpha=950,+15005550006", "beta=50"}, "alpha gets 950 of 1000, from +15005550006"},
		{[]string{"switch", "US", "beta", "--reason", "alpha is banned", "--for", "24h"}, "US\tbeta, alpha"},
		{[]string{"restore", "US", "--reason", "it is over"}, "US\talpha, beta"},
		{[]string{"set", "BR", "alpha", "beta"}, "beta gets 10 of 1000"},
		{[]string{"list"}, "ZZ\talpha, beta"},
	} {
		if got := route(step.args...); !strings.Contains(got, step.want) {
			t.Errorf("route %s printed %q, want %q", strings.Join(step.args, " "), got, step.want)
		}
	}
	wantError(t, call(t, "", append([]string{"route", "set", "US", "alpha=950", "beta"}, data...)...), exitUsage, "weight")
	wantError(t, call(t, "", append([]string{"route", "set", "US", "alpha=1000", "beta=0"}, data...)...), exitRefused,
		"second provider")
}
