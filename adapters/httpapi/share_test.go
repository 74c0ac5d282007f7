package httpapi_test

import (
	"context"
	"iter"
	"net/http"
	"sync"
	"testing"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// gate is a database whose queries wait until it is opened. It counts those that wait at the same time.
type gate struct {
	started chan struct{}
	open    chan struct{}
	mu      sync.Mutex
	inside  int
	most    int
}

func (g *gate) Query(context.Context, string, ...any) iter.Seq2[readmodel.Row, error] {
	g.mu.Lock()
	g.inside++
	g.most = max(g.most, g.inside)
	g.mu.Unlock()
	g.started <- struct{}{}
	<-g.open
	g.mu.Lock()
	g.inside--
	g.mu.Unlock()
	return func(func(readmodel.Row, error) bool) {}
}

// TestAccountWithManyRequestsLeavesRoomForOthers floods the API with slow reads of one account. Few of them run at the
// same time, and another account is served meanwhile.
func TestAccountWithManyRequestsLeavesRoomForOthers(t *testing.T) {
	const flood = 60
	slow := &gate{started: make(chan struct{}, flood), open: make(chan struct{})}
	w := newWorld(t, func(config *httpapi.Config) { config.Reader.Due.DB = slow })
	many, other := w.newAccount(), w.newAccount()
	address, stop, ended := w.listen(0)
	var replies []chan int
	for range flood {
		status, _ := w.send(address, many.staff, many.path+"/reminders")
		replies = append(replies, status)
	}
	for range 4 {
		<-slow.started
	}
	for range 20 {
		status, failed := w.send(address, other.staff, other.path+"/clients")
		select {
		case got := <-status:
			if got != http.StatusOK {
				t.Fatalf("the other account got %d", got)
			}
		case err := <-failed:
			t.Fatal(err)
		}
	}
	close(slow.open)
	for _, status := range replies {
		if got := <-status; got != http.StatusOK {
			t.Errorf("a slow read got %d", got)
		}
	}
	if slow.most > 4 {
		t.Errorf("%d reads of one account ran at the same time", slow.most)
	}
	stop()
	<-ended
}
