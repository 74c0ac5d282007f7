package esdbtest_test

import (
	"fmt"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
)

func TestStreamSubscriptionsExcludeTheirStart(t *testing.T) {
	client := connect(t, esdbtest.Start(t).URL())
	mustAppend(t, client, "a", esdb.NoStream{}, events("a", 3))
	for name, c := range map[string]struct {
		from esdb.StreamPosition
		n    int
		want string
	}{
		"from the beginning": {esdb.Start{}, 4, "[a/0 a/1 a/2 caught up]"},
		"from 1":             {esdb.Revision(1), 2, "[a/2 caught up]"},
		"from the end":       {esdb.End{}, 1, "[caught up]"},
	} {
		subscription, err := client.SubscribeToStream(withTimeout(t), "a", esdb.SubscribeToStreamOptions{From: c.from})
		if err != nil {
			t.Fatal(err)
		}
		defer subscription.Close()
		if got := fmt.Sprint(next(subscription, c.n)); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestSubscriptionWaitsForMissingStream(t *testing.T) {
	client := connect(t, esdbtest.Start(t).URL())
	subscription, err := client.SubscribeToStream(withTimeout(t), "a", esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	if err != nil {
		t.Fatal(err)
	}
	defer subscription.Close()
	if got := next(subscription, 1)[0]; got != "caught up" {
		t.Errorf("got %s, want caught up", got)
	}
	mustAppend(t, client, "a", esdb.NoStream{}, events("a", 2))
	if got := fmt.Sprint(next(subscription, 2)); got != "[a/0 a/1]" {
		t.Errorf("got %s, want both events", got)
	}
}

func TestFilteredSubscriptionSendsCheckpoints(t *testing.T) {
	client := connect(t, esdbtest.Start(t).URL())
	var at []esdb.Position
	for i := range 6 {
		at = append(at, mustAppend(t, client, fmt.Sprintf("%c-%d", 'a'+i%2, i), esdb.NoStream{}, events(fmt.Sprint(i), 1)))
	}
	options := esdb.SubscribeToAllOptions{
		From: at[0], MaxSearchWindow: 2, CheckpointInterval: 1,
		Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"b-"}},
	}
	subscription, err := client.SubscribeToAll(withTimeout(t), options)
	if err != nil {
		t.Fatal(err)
	}
	defer subscription.Close()
	checkpoint := func(p esdb.Position) string { return fmt.Sprintf("checkpoint %d/%d", p.Commit, p.Prepare) }
	want := fmt.Sprint([]string{
		"b-1/0", checkpoint(at[2]), "b-3/0", checkpoint(at[4]), "b-5/0", checkpoint(at[5]), "caught up",
	})
	if got := fmt.Sprint(next(subscription, 7)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	mustAppend(t, client, "a-6", esdb.NoStream{}, events("6", 1))
	last := mustAppend(t, client, "a-7", esdb.NoStream{}, events("7", 1))
	if got := next(subscription, 1)[0]; got != checkpoint(last) {
		t.Errorf("live, got %s, want %s after two events that do not match", got, checkpoint(last))
	}
	options.Filter = &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: "^a-[26]"}
	options.From, options.MaxSearchWindow = esdb.Start{}, esdb.NoMaxSearchWindow
	byRegex, err := client.SubscribeToAll(withTimeout(t), options)
	if err != nil {
		t.Fatal(err)
	}
	defer byRegex.Close()
	if got := fmt.Sprint(next(byRegex, 4)); got != fmt.Sprint([]string{"a-2/0", "a-6/0", checkpoint(last), "caught up"}) {
		t.Errorf("by a regular expression: got %s", got)
	}
}

// TestResumeFromCheckpointAhead checks the defect of some releases: a subscription that resumes from the commit
// position alone misses an event, and one that resumes from both positions does not.
func TestResumeFromCheckpointAhead(t *testing.T) {
	client := connect(t, esdbtest.Start(t, esdbtest.WithCheckpointsAhead()).URL())
	mustAppend(t, client, "a", esdb.NoStream{}, events("a", 1))
	options := esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: esdb.ExcludeSystemEventsFilter()}
	subscription, err := client.SubscribeToAll(withTimeout(t), options)
	if err != nil {
		t.Fatal(err)
	}
	defer subscription.Close()
	next(subscription, 1)
	checkpoint := subscription.Recv().CheckPointReached
	if checkpoint == nil {
		t.Fatal("no checkpoint came")
	}
	mustAppend(t, client, "a", esdb.Revision(0), events("b", 1))
	for name, c := range map[string]struct {
		from  esdb.Position
		first string
	}{
		"both positions": {*checkpoint, "a/1"},
		"commit alone":   {esdb.Position{Commit: checkpoint.Commit, Prepare: checkpoint.Commit}, "caught up"},
	} {
		options.From = c.from
		again, err := client.SubscribeToAll(withTimeout(t), options)
		if err != nil {
			t.Fatal(err)
		}
		if got := next(again, 1)[0]; got != c.first {
			t.Errorf("%s: got %s first, want %s", name, got, c.first)
		}
		again.Close()
	}
}

func TestTombstoneEndsSubscription(t *testing.T) {
	client := connect(t, esdbtest.Start(t).URL())
	mustAppend(t, client, "a", esdb.NoStream{}, events("a", 1))
	subscription, err := client.SubscribeToStream(withTimeout(t), "a", esdb.SubscribeToStreamOptions{From: esdb.End{}})
	if err != nil {
		t.Fatal(err)
	}
	next(subscription, 1)
	if _, err := client.TombstoneStream(withTimeout(t), "a", esdb.TombstoneStreamOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := next(subscription, 1)[0]; got != "dropped" {
		t.Errorf("got %s, want dropped", got)
	}
	if _, err := client.SubscribeToStream(withTimeout(t), "a", esdb.SubscribeToStreamOptions{}); err == nil {
		t.Error("a subscription to a tombstoned stream succeeded")
	}
}
