package httpapi_test

import (
	"context"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/domain"
)

// played is a demo whose play ends when it is stopped.
type played struct {
	now     func() time.Time
	playing bool
	plays   int
}

func (p *played) Play(context.Context) error {
	if p.playing {
		return httpapi.ErrDemoPlaying
	}
	p.playing = true
	p.plays++
	return nil
}

func (p *played) Stop(context.Context) error {
	p.playing = false
	return nil
}

func (p *played) Outage(context.Context) (httpapi.DemoOutage, error) {
	shown := httpapi.DemoOutage{State: "stopped", Now: p.now(), Speed: 1, Plays: p.plays}
	if p.playing {
		shown.State, shown.Speed, shown.Provider = "playing", 20, "alpha"
		shown.Outage = domain.DeriveID[domain.OutageID]("played")
		shown.Chapters = []httpapi.DemoChapter{{Name: "ban", At: p.now(), Sentence: "Networks block alpha."}}
		shown.Figures = httpapi.DemoFigures{Texts: 3, Lost: 2, Refunded: 1_200_000}
	}
	return shown, nil
}

// demo plays an outage and stops it.
func (w *world) demo() {
	w.must(202, w.admin, "POST", "/demo/outage", nil)
	w.refused(409, "demo_outage_playing", w.admin, "POST", "/demo/outage", nil)
	shown := w.must(200, w.admin, "GET", "/demo/outage", nil)
	figures, chapters := shown.body["figures"].(object), shown.body["chapters"].([]any)
	if shown.text("state") != "playing" || shown.text("provider") != "alpha" || shown.text("outage") == "" ||
		figures["lost"] != 2.0 || figures["refunded_micro"] != 1_200_000.0 || len(chapters) != 1 ||
		chapters[0].(object)["sentence"] != "Networks block alpha." {
		w.t.Errorf("the play is shown as %s", shown.raw)
	}
	stopped := w.must(200, w.admin, "DELETE", "/demo/outage", nil)
	if stopped.text("state") != "stopped" || stopped.body["speed"] != 1.0 || stopped.body["outage"] != nil {
		w.t.Errorf("after it was stopped the play is shown as %s", stopped.raw)
	}
}

func TestOnlyADemoPlaysAnOutage(t *testing.T) {
	w := newWorld(t, func(config *httpapi.Config) { config.Demo = nil })
	for _, method := range []string{"GET", "POST", "DELETE"} {
		w.refused(404, "demo_only", w.admin, method, "/demo/outage", nil)
	}
}
