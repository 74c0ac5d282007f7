package projector

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/clickbook/clickbook/domain"
)

func at(major uint64) domain.Position { return domain.NewPosition(major, 0) }

// waitFor returns a channel with the result of waiting for a position.
func waitFor(ctx context.Context, g *gate, position domain.Position) <-chan error {
	result := make(chan error, 1)
	go func() { result <- g.wait(ctx, position) }()
	return result
}

func TestGateLetsReadersPassAtTheirPosition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		result := waitFor(t.Context(), &g, at(2))
		g.open(at(1))
		synctest.Wait()
		select {
		case err := <-result:
			t.Fatalf("wait returned %v before its position was reached", err)
		default:
		}
		g.open(at(2))
		if err := <-result; err != nil {
			t.Fatal(err)
		}
		if err := g.wait(t.Context(), at(1)); err != nil {
			t.Errorf("waiting for an earlier position returned %v", err)
		}
	})
}

func TestGateReturnsWhyTheProjectorStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, broken := newGate(), errors.New("broken")
		result := waitFor(t.Context(), &g, at(2))
		synctest.Wait()
		g.stop(nil)
		g.stop(broken)
		if err := <-result; !errors.Is(err, broken) {
			t.Errorf("wait returned %v, want %v", err, broken)
		}
		if err := g.wait(t.Context(), at(2)); !errors.Is(err, broken) {
			t.Errorf("wait after the stop returned %v, want %v", err, broken)
		}
		if err := g.wait(t.Context(), domain.Position{}); err != nil {
			t.Errorf("waiting for a position that was reached returned %v", err)
		}
		g.start()
		result = waitFor(t.Context(), &g, at(2))
		synctest.Wait()
		g.open(at(3))
		if err := <-result; err != nil {
			t.Errorf("wait after a start returned %v", err)
		}
	})
}

func TestGateReturnsWhenTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		ctx, cancel := context.WithCancel(t.Context())
		result := waitFor(ctx, &g, at(1))
		synctest.Wait()
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Errorf("wait returned %v, want context.Canceled", err)
		}
	})
}
