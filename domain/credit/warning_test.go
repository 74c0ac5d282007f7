package credit_test

import (
	"testing"

	"github.com/clickbook/clickbook/domain/credit"
)

var warned = credit.LowBalanceWarned{at("e3", 9), one, 2 * one}

var warning = []example{
	{
		Name: "few credits are left", Given: []credit.Event{bought(one)},
		When: credit.Warn{why("e3", 9), 2 * one}, Then: []credit.Event{warned},
	},
	{Name: "enough are left", Given: []credit.Event{bought(2 * one)}, When: credit.Warn{why("e3", 9), 2 * one}},
	{
		Name: "the owner was warned", Given: []credit.Event{bought(one), warned},
		When: credit.Warn{why("e9", 9), 3 * one},
	},
	{
		Name: "low again after credits were added", Given: []credit.Event{bought(one), warned, given("G1", one/2, 20)},
		When: credit.Warn{why("e3", 9), 2 * one},
		Then: []credit.Event{credit.LowBalanceWarned{at("e3", 9), 3 * one / 2, 2 * one}},
	},
	{
		Name: "granted credits that have expired do not count", Given: []credit.Event{bought(one), given("G1", 5*one, 9)},
		When: credit.Warn{why("e3", 9), 2 * one}, Then: []credit.Event{warned},
	},
}

func TestSnapshotKeepsTheWarning(t *testing.T) {
	state := credit.State{}
	for _, event := range []credit.Event{bought(one), warned} {
		state = credit.Evolve(state, event)
	}
	data, err := state.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var restored credit.State
	if err := restored.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	if events, err := credit.Decide(restored, credit.Warn{why("e9", 9), 3 * one}); len(events) != 0 || err != nil {
		t.Errorf("a state from a snapshot warns again: %v %v", events, err)
	}
}
