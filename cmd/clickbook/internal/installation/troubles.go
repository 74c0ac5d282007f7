package installation

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/adapters/mail"
	"github.com/clickbook/clickbook/domain"
)

// probeMark is the mark that a probe writes to find out whether the log takes writes again.
const probeMark = "probe"

// requests is the component of faults that requests have met.
const requests = "writes"

// troubles are the components that do not work at present, each with the reason. GET /health shows them.
type troubles struct {
	now func() time.Time
	mu  sync.Mutex
	of  map[string]httpapi.Trouble
}

// set records why a component does not work, and keeps since when.
func (t *troubles) set(component string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	trouble, known := t.of[component]
	if !known {
		trouble = httpapi.Trouble{Component: component, Since: t.now().UTC()}
	}
	trouble.Reason = reasonOf(err)
	if t.of == nil {
		t.of = make(map[string]httpapi.Trouble)
	}
	t.of[component] = trouble
}

// clear records that a component works again.
func (t *troubles) clear(component string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.of, component)
}

func (t *troubles) has(component string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, has := t.of[component]
	return has
}

// List implements httpapi.Troubles.
func (t *troubles) List() []httpapi.Trouble {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []httpapi.Trouble
	for _, trouble := range t.of {
		all = append(all, trouble)
	}
	slices.SortFunc(all, func(a, b httpapi.Trouble) int { return cmp.Compare(a.Component, b.Component) })
	return all
}

// Report implements httpapi.Troubles. Damage stays until the next start. Other trouble ends with a probe.
func (t *troubles) Report(err error) {
	switch {
	case errors.Is(err, domain.ErrDamaged):
		t.set("data", err)
	case isPassing(err):
		t.set(requests, err)
	}
}

// isPassing reports whether a fault may pass without a restart: somebody frees space on the disk, or the database
// comes back.
func isPassing(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, domain.ErrUnavailable)
}

// reasonOf says what is wrong to everybody. The server's log has the names of files and hosts.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, mail.ErrDown):
		return "it does not take mail: emails wait and are tried again; the server's log says what it replied"
	case errors.Is(err, syscall.ENOSPC):
		return "the disk is full: free some space, and it continues by itself"
	case errors.Is(err, errAlertLost):
		return "an alert did not reach its account in the last 24 hours: see its alerts, and call there"
	case errors.Is(err, errCanary):
		return "the last test text to this handset was not delivered: look at GET /providers/health, and switch if clients " +
			"are concerned"
	case errors.Is(err, errUnknownTexts):
		return "more than 1 % of its receipts are of texts that it never got: it writes ids in another way, or somebody " +
			"forges them; GET /providers counts them"
	case errors.Is(err, errForgedCalls):
		return "many calls in its name do not prove to be its own: check the secret that signs them, or who calls; GET " +
			"/providers counts them"
	case errors.Is(err, domain.ErrDamaged):
		return "stored data is damaged: see the server's log, stop the server, and restore a backup"
	case errors.Is(err, domain.ErrUnavailable):
		return "its database cannot be reached: it continues when it can"
	}
	return "it failed: see the server's log"
}

// probe finds out whether writes succeed again after a request has failed for lack of room or of a database.
func (in *Installation) probe(ctx context.Context) error {
	if !in.troubles.has(requests) {
		return nil
	}
	value, err := in.Events.Mark(ctx, probeMark)
	if err == nil {
		err = in.Events.SetMark(ctx, probeMark, value, in.Engine.Now().Format(time.RFC3339))
	}
	if err == nil {
		in.troubles.clear(requests)
	}
	return nil
}
