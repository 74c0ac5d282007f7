package drill

import (
	"hash/fnv"
	"sync"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/commands/messaging"
)

// truth is what really happened to texts, which the engine cannot know.
type truth struct {
	scenario   Scenario
	begin, end time.Time
	bans       []simulated.Ban

	mu       sync.Mutex // guards the fields below
	accepted map[string]int
	lost     int         // texts that did not arrive, also those of an ordinary day
	inCell   []time.Time // when alpha accepted texts of the failing cell during the failure
	lostThen int         // of those, how many did not arrive
	without  float64     // how many had been lost then without another provider
}

func (t *truth) of(scenario Scenario) {
	t.scenario, t.accepted = scenario, make(map[string]int)
	t.begin, t.end = start.Add(scenario.begin), start.Add(scenario.end)
	t.bans = scenario.bans(t.begin, t.end)
}

// sent counts a text that a provider accepted.
func (t *truth) sent(provider string, text messaging.Text, at time.Time, arrives bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.accepted[provider]++
	if !arrives {
		t.lost++
	}
	network := networkOf(text.To, text.Country)
	if at.Before(t.begin) || !at.Before(t.end) || !t.scenario.touches(text.Country, network) {
		return
	}
	if t.scenario.loses {
		t.without += t.lossOf(at, text.Country, network)
	}
	if provider != failing {
		return
	}
	t.inCell = append(t.inCell, at)
	if !arrives {
		t.lostThen++
	}
}

// lossOf returns the share of texts that the failing provider loses.
func (t *truth) lossOf(at time.Time, country, network string) float64 {
	for _, ban := range t.bans {
		in := (ban.Country == "" || ban.Country == country) && (ban.Network == "" || ban.Network == network)
		if in && !at.Before(ban.From) && at.Before(ban.To) {
			if ban.Share > 0 {
				return ban.Share
			}
			return 1
		}
	}
	return 0
}

// networkOf returns the network of a number, as simulated.Network chooses it.
func networkOf(number, country string) string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(number))
	return networks[country][hash.Sum64()%uint64(len(networks[country]))]
}

// before returns how many texts the failing provider accepted in the failing cell until a time.
func (t *truth) before(at time.Time) (texts int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, one := range t.inCell {
		if !one.After(at) {
			texts++
		}
	}
	return texts
}

// counts returns the texts that each provider accepted, and those that did not arrive.
func (t *truth) counts() (byAlpha, byBeta, lost int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.accepted[failing], t.accepted[second], t.lost
}
