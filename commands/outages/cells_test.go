package outages_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/outages"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
)

// What an operator decides on one node holds for the next text of another node, which has seen the provider before.
func TestOverrideHoldsForTheNextTextOfEveryNode(t *testing.T) {
	w := newTraffic(t, nil)
	w.remind("a", "before", 1, 0)
	other := commands.NewEngine(w.Log, w.Codec, func() time.Time { return w.Now }, aggregates.All()...)
	force := func(mode outage.Mode) {
		_, err := other.Do(t.Context(), commandstest.Anyone, outage.OverrideCell{
			Cell: brazil, Mode: mode, Reason: "work", Until: w.Now.Add(time.Hour), At: w.Now,
		})
		w.Ok(err)
	}
	force(outage.Down)
	w.remind("b", "forced down", 1, 1)
	force(outage.Up)
	w.remind("c", "forced up", 2, 1)
	force(outage.Down)
	w.Now = w.Now.Add(time.Hour)
	w.remind("d", "after the override", 3, 1)
}

// One text in about fifty tries a cell that is out, the same ones each time, and none if an operator decided.
func TestFewTextsTryACellThatIsOut(t *testing.T) {
	w := commandstest.NewWorld(t)
	cells := outages.Cells{Engine: w.Engine}
	tried := func() (count int) {
		for i := range 5000 {
			text := message.State{
				Message: domain.DeriveID[domain.MessageID]("text", i), Letter: message.Letter{Country: "BR"},
			}
			out, err := cells.Out(t.Context(), "alpha", text)
			w.Ok(err)
			if !out {
				count++
			}
		}
		return count
	}
	w.Operate(outage.Detect{Cell: brazil, ChangePoint: w.Now.Add(-time.Hour), At: w.Now, Cause: outage.Silent})
	if first, second := tried(), tried(); first < 50 || first > 150 || first != second {
		t.Errorf("%d, then %d of 5000 texts tried a cell that is out, want the same 100 or so", first, second)
	}
	w.Operate(outage.OverrideCell{
		Cell: brazil, Mode: outage.Down, Reason: "work", Until: w.Now.Add(time.Hour), At: w.Now,
	})
	if count := tried(); count != 0 {
		t.Errorf("%d texts tried a cell that is forced down", count)
	}
}

// When the latest texts that tried a cell arrived, one in four tries it.
func TestMoreTextsTryACellThatRecovers(t *testing.T) {
	w := newTraffic(t, nil)
	w.send(600, 10*time.Second, delivered)
	w.send(80, 10*time.Second, silent)
	if len(w.detected()) != 1 {
		t.Fatal("no outage was detected")
	}
	tried := func() (count int) {
		for i := range 1000 {
			text := message.State{Message: domain.DeriveID[domain.MessageID]("trial", i), Letter: message.Letter{Country: "BR"}}
			out, err := w.Dispatch.Cells.Out(t.Context(), "alpha", text)
			w.Ok(err)
			if !out {
				count++
			}
		}
		return count
	}
	w.wait(5 * time.Minute)
	if count := tried(); count > 50 {
		t.Errorf("in the outage %d of 1000 texts try alpha, want about 20", count)
	}
	w.send(3, 10*time.Second, delivered)
	if count := tried(); count < 180 || count > 320 || len(w.detected()) != 1 {
		t.Errorf("when texts arrive again %d of 1000 try alpha, want about 250", count)
	}
	w.send(1, 10*time.Second, rejected)
	if count := tried(); count > 50 {
		t.Errorf("when one was refused again %d of 1000 try alpha, want about 20", count)
	}
}

// A number is on the network that its last receipt named. A ban of that network concerns its next text, and those to
// numbers whose network is not known, but none to a number of another network.
func TestOutageOfANetworkConcernsItsNumbers(t *testing.T) {
	w := newTraffic(t, nil)
	w.text(delivered)
	w.due[0].network = "724-05"
	w.text(delivered)
	w.due[1].network = "724-11"
	w.wait(time.Minute)
	network := brazil
	network.Network = "724-05"
	w.Operate(outage.OverrideCell{Cell: network, Mode: outage.Down, Reason: "ban", Until: w.Now.Add(time.Hour), At: w.Now})
	cells := outages.Cells{Engine: w.Engine, Watch: w.Watch}
	for n, want := range map[int]bool{1: true, 2: false, 3: true} {
		text := message.State{Letter: message.Letter{Account: accountOf(n), Country: "BR", To: numberOf(n)}}
		if out, err := cells.Out(t.Context(), "alpha", text); err != nil || out != want {
			t.Errorf("number %d: %v, %v; want %v", n, out, err, want)
		}
	}
}
