// Package drill plays an outage in virtual time on the whole engine: accounts book, reminders are sent through
// simulated providers, one of them fails, and the engine detects it, sends by the other provider, tells the accounts
// whom to call, and gives credits back. The same seed plays the same drill.
package drill

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
)

// Scenario is a way in which a provider fails.
type Scenario struct {
	Name  string
	Story string // what happens, one sentence
	begin time.Duration
	end   time.Duration // of the failure, both after the start of the drill
	runs  time.Duration
	// touches reports whether a text by the failing provider is in the failing cell.
	touches func(country, network string) bool
	bans    func(from, to time.Time) []simulated.Ban
	loses   bool // texts are lost; not only their receipts
}

// The providers of a drill. The first one fails.
const (
	failing = "alpha"
	second  = "beta"
)

// warmUp is how long the detector learns before the failure.
const warmUp = 2 * time.Hour

func everywhere(string, string) bool { return true }

func northAmerica(country, _ string) bool { return country == "US" || country == "CA" }

// Scenarios returns the scenarios by name.
func Scenarios() []Scenario {
	ban := func(silent float64, countries ...string) func(from, to time.Time) []simulated.Ban {
		return func(from, to time.Time) (bans []simulated.Ban) {
			for _, country := range countries {
				bans = append(bans, simulated.Ban{
					Provider: failing, Country: country, From: from, To: to, Silent: silent,
				})
			}
			return bans
		}
	}
	const never = 1e-9 // of the failed texts have no receipt
	return []Scenario{
		{
			Name: "total", Story: "alpha accepts every text, delivers none and reports nothing",
			begin: warmUp, end: warmUp + 2*time.Hour, runs: 6 * time.Hour, touches: everywhere, bans: ban(1, ""), loses: true,
		},
		{
			Name: "na-ban",
			Story: "many networks of the United States and Canada block alpha, as in March 2010: most texts vanish, " +
				"some are refused",
			begin: warmUp, end: warmUp + 3*time.Hour, runs: 6 * time.Hour,
			touches: northAmerica, bans: ban(0.5, "US", "CA"), loses: true,
		},
		{
			Name: "one-network", Story: "one network of the United States blocks alpha and says so",
			begin: warmUp, end: warmUp + 3*time.Hour, runs: 6 * time.Hour, loses: true,
			touches: func(_, network string) bool { return network == networks["US"][0] },
			bans: func(from, to time.Time) []simulated.Ban {
				return []simulated.Ban{{
					Provider: failing, Country: "US", Network: networks["US"][0], From: from, To: to, Silent: never,
				}}
			},
		},
		{
			Name: "slow", Story: "alpha delivers less and less: from 95 to 70 percent over three hours",
			begin: warmUp, end: warmUp + 4*time.Hour, runs: 6*time.Hour + 30*time.Minute,
			touches: everywhere, bans: slowly, loses: true,
		},
		{
			Name: "receipts-only", Story: "alpha delivers every text, and its receipts are lost",
			begin: warmUp, end: warmUp + 2*time.Hour, runs: 5 * time.Hour, touches: everywhere,
			bans: func(from, to time.Time) []simulated.Ban {
				return []simulated.Ban{{Provider: failing, From: from, To: to, Receipts: true}}
			},
		},
		{
			Name: "flapping", Story: "alpha fails for 10 of every 30 minutes",
			begin: warmUp, end: warmUp + 3*time.Hour, runs: 6 * time.Hour, touches: everywhere, bans: flapping, loses: true,
		},
		{
			Name: "night", Story: "alpha goes silent in North America at one in the morning, when no texts are sent",
			begin: 16 * time.Hour, end: 26 * time.Hour, runs: 27 * time.Hour,
			touches: northAmerica, bans: ban(1, "US", "CA"), loses: true,
		},
	}
}

// slowly bans a share that grows by steps of 10 minutes.
func slowly(from, to time.Time) (bans []simulated.Ban) {
	const step, last, worst = 10 * time.Minute, 18, 0.26 // of 95 percent, 26 percent fewer are 70
	for n := range last + 1 {
		ban := simulated.Ban{
			Provider: failing, From: from.Add(time.Duration(n) * step), To: from.Add(time.Duration(n+1) * step),
			Share: worst * float64(n+1) / (last + 1),
		}
		if n == last {
			ban.To = to
		}
		bans = append(bans, ban)
	}
	return bans
}

func flapping(from, to time.Time) (bans []simulated.Ban) {
	for at := from; at.Before(to); at = at.Add(30 * time.Minute) {
		bans = append(bans, simulated.Ban{Provider: failing, From: at, To: at.Add(10 * time.Minute), Silent: 1})
	}
	return bans
}

// Find returns the scenario of a name.
func Find(name string) (Scenario, error) {
	all := Scenarios()
	at := slices.IndexFunc(all, func(s Scenario) bool { return s.Name == name })
	if at >= 0 {
		return all[at], nil
	}
	var names []string
	for _, one := range all {
		names = append(names, one.Name)
	}
	return Scenario{}, fmt.Errorf("invalid --scenario %q: write %s", name, strings.Join(names, ", "))
}
