package commands_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

// savings counts how often a checkpoint is saved.
type savings struct {
	checkpoints
	times int
}

func (s *savings) SaveCheckpoint(ctx context.Context, name string, at domain.Position) error {
	s.times++
	return s.checkpoints.SaveCheckpoint(ctx, name, at)
}

// watching returns a reactor that calls seen for each light that is switched on.
func watching(store commands.ReactorLog, codec *domain.Codec, saved commands.Checkpoints, seen func()) *commands.Reactor {
	return &commands.Reactor{
		Name: "lights", Log: store, Codec: codec, Checkpoints: saved,
		Handlers: []commands.Handler{{
			Name: "watching", Types: domain.NamesOf(SwitchedOn{}),
			React: func(context.Context, commands.Origin, domain.Recorded) error {
				seen()
				return nil
			},
		}},
		Transport: func(handle func(context.Context, domain.Entry) error) (commands.Transport, error) {
			return direct(handle), nil
		},
	}
}

// A save is a sync of the file that the replies of callers wait for too.
func TestReactorThatFollowsTheLogSavesItsCheckpointNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const events = 200
		engine, store, codec := lightEngine()
		saved := &savings{checkpoints: checkpoints{}}
		handled := 0
		reactor := watching(store, codec, saved, func() { handled++ })
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- reactor.Run(ctx) }()
		for n := range events { // one at a time, as visits are booked
			origin := commands.ForInstallation(domain.Actor{})
			if _, err := engine.Do(t.Context(), origin, SwitchOn{Room: fmt.Sprint("room ", n)}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if want := events / 64; handled != events || saved.times != want {
			t.Errorf("%d events were handled and the checkpoint was saved %d times, want %d and %d", handled, saved.times,
				events, want)
		}
		head, err := store.Head(t.Context())
		for range 2 {
			err = errors.Join(err, reactor.Save(t.Context()))
		}
		if err != nil || saved.checkpoints["lights"] != head || saved.times != events/64+1 {
			t.Errorf("the checkpoint was saved %d times and is %v, the log ends at %v: %v", saved.times,
				saved.checkpoints["lights"], head, err)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestReactorThatIsStoppedSavesItsCheckpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine, store, codec := lightEngine()
		saved := &savings{checkpoints: checkpoints{}}
		reactor := watching(store, codec, saved, func() {})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- reactor.Run(ctx) }()
		if _, err := engine.Do(t.Context(), commands.ForInstallation(domain.Actor{}), SwitchOn{Room: "hall"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		head, err := store.Head(t.Context())
		if err != nil || saved.checkpoints["lights"] != head {
			t.Errorf("the checkpoint is %v, the log ends at %v: %v", saved.checkpoints["lights"], head, err)
		}
	})
}
