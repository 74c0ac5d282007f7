package outage_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/outage"
)

type example = domaintest.Example[outage.Command, outage.Event]

func given(events ...outage.Event) []outage.Event { return events }

var (
	began    = time.Date(2010, 3, 18, 9, 0, 0, 0, time.UTC)
	found    = began.Add(5 * time.Minute)
	states   = outage.Cell{Provider: "alpha", Region: "NA", Country: "US"}
	carrier  = outage.Cell{Provider: "alpha", Region: "NA", Country: "US", Network: "310-410"}
	evidence = outage.Evidence{
		Messages: 14, Failed: 4, Silent: 9, Accounts: 5, Numbers: 13, ScoreMilli: 17_250, Polled: 5, Arrived: 1,
	}
	suspected = outage.OutageSuspected{
		ID: outage.IDOf(states, began), Cell: states, ChangePoint: began, At: found, Evidence: evidence,
	}
	detected = outage.OutageDetected{
		ID: outage.IDOf(states, began), Cell: states, ChangePoint: began, At: found.Add(time.Minute),
		Cause: outage.Silent, Evidence: evidence,
	}
	cleared = outage.OutageCleared{ID: detected.ID, Cell: states, At: found.Add(time.Hour)}
	forced  = outage.CellOverridden{
		Cell: states, Mode: outage.Up, Reason: "the drill", Until: found.Add(time.Hour), At: found,
	}
	ended = outage.CellOverrideEnded{Cell: states, Reason: "over", At: found.Add(time.Minute)}
)

func TestOutage(t *testing.T) {
	suspect := outage.Suspect{Cell: states, ChangePoint: began, At: suspected.At, Evidence: evidence}
	detect := outage.Detect{
		Cell: states, ChangePoint: began, At: detected.At, Cause: outage.Silent, Evidence: evidence,
	}
	lost := outage.Reassess{Cell: states, At: detected.At.Add(time.Minute), Cause: outage.ReceiptsOnly, Evidence: evidence}
	reassessed := detected
	reassessed.At, reassessed.Cause = lost.At, lost.Cause
	clearing := outage.Clear{Cell: states, At: cleared.At}
	other := detect
	other.Cause = "rain"
	late := suspect
	late.ChangePoint = suspect.At.Add(time.Second)
	domaintest.Run(t, outage.Decider, append([]example{
		{Name: "is suspected", When: suspect, Then: given(suspected)},
		{Name: "is suspected while confirmed", Given: given(detected), When: suspect},
		{Name: "is suspected by a node that lags behind", Given: given(suspected, cleared), When: suspect},
		{Name: "is confirmed after a suspicion", Given: given(suspected), When: detect, Then: given(detected)},
		{Name: "is confirmed at once", When: detect, Then: given(detected)},
		{Name: "is confirmed by a node that lags behind", Given: given(detected, cleared), When: detect},
		{Name: "has no known cause", When: other, Refused: outage.ErrCause},
		{Name: "is found before it began", When: late, Refused: outage.ErrChangePoint},
		{Name: "proves to be of receipts only", Given: given(detected), When: lost, Then: given(reassessed)},
		{Name: "is reassessed when it is over", Given: given(detected, cleared), When: lost},
		{Name: "is cleared", Given: given(suspected, detected), When: clearing, Then: given(cleared)},
		{Name: "a suspicion is cleared", Given: given(suspected), When: clearing, Then: given(cleared)},
		{Name: "is cleared without an outage", When: clearing},
		{
			Name: "is cleared before it was found", Given: given(detected),
			When: outage.Clear{Cell: states, At: began},
		},
	}, overrides()...))
}

// overrides are the examples of what operators decide.
func overrides() []example {
	force := outage.OverrideCell{Cell: states, Mode: outage.Up, Reason: "the drill", Until: forced.Until, At: forced.At}
	end := outage.EndOverride{Cell: states, Reason: "over", At: ended.At}
	with := func(change func(*outage.OverrideCell)) outage.OverrideCell {
		other := force
		change(&other)
		return other
	}
	unnamed := states
	unnamed.Region = "North America"
	lost := carrier
	lost.Country = ""
	return []example{
		{Name: "is forced up", Given: given(detected), When: force, Then: given(forced)},
		{
			Name: "is forced for too long", Refused: outage.ErrUntil,
			When: with(func(c *outage.OverrideCell) { c.Until = c.At.Add(7*24*time.Hour + time.Second) }),
		},
		{
			Name: "is forced until now", Refused: outage.ErrUntil,
			When: with(func(c *outage.OverrideCell) { c.Until = c.At }),
		},
		{Name: "no reason", When: with(func(c *outage.OverrideCell) { c.Reason = " " }), Refused: outage.ErrReason},
		{Name: "sideways", When: with(func(c *outage.OverrideCell) { c.Mode = "sideways" }), Refused: outage.ErrMode},
		{
			Name: "no provider", When: with(func(c *outage.OverrideCell) { c.Cell.Provider = "" }),
			Refused: outage.ErrProvider,
		},
		{Name: "no such region", When: with(func(c *outage.OverrideCell) { c.Cell = unnamed }), Refused: outage.ErrRegion},
		{Name: "a network alone", When: with(func(c *outage.OverrideCell) { c.Cell = lost }), Refused: outage.ErrNetwork},
		{Name: "the override ends", Given: given(forced), When: end, Then: given(ended)},
		{Name: "there is none to end", Given: given(detected), When: end},
		{
			Name: "it ended by itself", Given: given(forced),
			When: outage.EndOverride{Cell: states, At: forced.Until},
		},
	}
}

// Out is asked for a text on a network of the United States, an hour after the outage was found.
func TestOutOfACell(t *testing.T) {
	at := found.Add(30 * time.Minute)
	whole := outage.Cell{Provider: "alpha"}
	down := outage.CellOverridden{Cell: carrier, Mode: outage.Down, Reason: "r", Until: found.Add(time.Hour), At: found}
	wholeUp := outage.CellOverridden{Cell: whole, Mode: outage.Up, Reason: "r", Until: found.Add(time.Hour), At: found}
	region := detected
	region.Cell = outage.Cell{Provider: "alpha", Region: "NA"}
	receipts := detected
	receipts.Cause = outage.ReceiptsOnly
	unnamed := detected
	unnamed.Region = ""
	for _, c := range []struct {
		name   string
		events []outage.Event
		place  outage.Cell
		at     time.Time
		want   bool
	}{
		{"nothing is known", nil, carrier, at, false},
		{"suspected", given(suspected), carrier, at, false},
		{"confirmed", given(detected), carrier, at, true},
		{"confirmed, no network is known", given(detected), states, at, true},
		{"confirmed in the region", given(region), carrier, at, true},
		{"confirmed in a country without its region", given(unnamed), carrier, at, true},
		{"another country", given(detected), outage.Cell{Provider: "alpha", Region: "NA", Country: "CA"}, at, false},
		{"another provider", given(detected), outage.Cell{Provider: "beta", Country: "US"}, at, false},
		{"receipts only", given(receipts), carrier, at, false},
		{"cleared", given(detected, cleared), carrier, at, false},
		{"forced up", given(detected, forced), carrier, at, false},
		{"forced up, too long ago", given(detected, forced), carrier, forced.Until, true},
		{"forced up, ended", given(detected, forced, ended), carrier, at, true},
		{"the network forced down in a country forced up", given(forced, down), carrier, at, true},
		{"a network forced down, another asked for", given(down), states, at, false},
		{"everything forced up", given(detected, wholeUp), carrier, at, false},
	} {
		if cell, out := outage.Decider.Fold(c.events...).Out(c.place, c.at); out != c.want || out && !cell.Covers(c.place) {
			t.Errorf("%s: %v %v, want %v", c.name, cell, out, c.want)
		}
	}
}

func TestCellsAsOperatorsReadThem(t *testing.T) {
	for cell, want := range map[outage.Cell]string{
		{Provider: "alpha"}: "alpha", {Provider: "alpha", Region: "EU"}: "alpha in region EU",
		states: "alpha in US", carrier: "alpha in US on 310-410",
	} {
		if cell.Label() != want {
			t.Errorf("%#v is written %q, want %q", cell, cell.Label(), want)
		}
	}
}
