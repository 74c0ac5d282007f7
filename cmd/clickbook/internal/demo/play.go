package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/domain"
)

// The providers of the demo. The first one is banned.
const (
	banned = "alpha"
	second = "beta"
)

// bans are those of March 2010: networks of the United States and Canada accept texts of a provider, and most vanish.
func bans(from time.Time) (all []simulated.Ban) {
	for _, country := range []string{"CA", "US"} {
		all = append(all, simulated.Ban{Provider: banned, Country: country, From: from, Silent: 0.5})
	}
	return all
}

// Networks are those of each country. Their codes are of real networks, and their behaviour is made up.
var networks = map[string][]string{
	"CA": {"302-720", "302-610", "302-220"}, "US": {"310-410", "310-260", "311-480", "310-120"},
}

// stage is a part of the play.
type stage struct {
	speed   int           // seconds of the demo in a second
	perHour int           // changes by clients that the play adds
	longest time.Duration // after which the play gives up
}

// The stages of the play, by the chapter that begins each. The clock is slow where much happens at once, and fast
// while one only waits.
var stages = map[string]stage{
	busy:      {speed: 15, perHour: 360, longest: 6 * time.Hour},
	ban:       {speed: 15, perHour: 420, longest: time.Hour},
	suspected: {speed: 12, perHour: 420, longest: time.Hour},
	confirmed: {speed: 6, perHour: 240, longest: 15 * time.Minute},
	told:      {speed: 15, perHour: 240, longest: time.Hour},
	lifted:    {speed: 30, perHour: 900, longest: 6 * time.Hour},
	cleared:   {speed: 5, perHour: 60, longest: time.Hour},
	approved:  {speed: 2, perHour: 60, longest: time.Hour},
}

// The chapters, in order.
const (
	busy      = "busy"
	ban       = "ban"
	suspected = "suspected"
	confirmed = "confirmed"
	told      = "told"
	lifted    = "lifted"
	cleared   = "cleared"
	approved  = "approved"
	refunded  = "refunded"
)

// How long some stages last at least, by the clock of the demo.
const (
	busyFor   = 3 * time.Minute
	bannedFor = 9 * time.Minute  // from the confirmation: the call sheets fill, and the other provider carries on
	readFor   = time.Minute      // from the end of the outage: a person reads the preview of the window
	patience  = 25 * time.Minute // from the end of the ban: after that the clock runs twice as fast
)

// An outage is played from firstHour to lastHour, so that it is over before the night, in which no texts go.
const firstHour, lastHour = 8, 18

var errNight = domain.Refuse(domain.Disallowed, "demo_night",
	"no texts go at night, so there is nothing to watch; start the demo again, and its day begins again")

// play plays the outage. It decides by the clock of the demo and by what the read models know, never by itself.
type play struct {
	in      *installation.Installation
	clock   *Clock
	traffic *traffic
	places  []*place
	zone    *time.Location

	stepping sync.Mutex // held during a step

	mu       sync.Mutex // guards the fields below
	state    string     // as in httpapi.DemoOutage
	plays    int
	chapters []httpapi.DemoChapter
	banFrom  time.Time
	changed  time.Time // until when clients have changed something
	expected int64     // micro-credits that the approved windows give back
}

// Play begins an outage.
func (p *play) Play(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == "playing" {
		return httpapi.ErrDemoPlaying
	}
	now := p.clock.Now()
	if hour := now.In(p.zone).Hour(); hour < firstHour || hour >= lastHour {
		return errNight
	}
	p.state, p.plays, p.chapters, p.banFrom, p.expected = "playing", p.plays+1, nil, time.Time{}, 0
	p.changed = now
	p.turn(busy, "A busy hour begins: simulated clients of three businesses book and move visits, and get a text each.")
	return nil
}

// Stop ends the play and lifts the ban.
func (p *play) Stop(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == "playing" {
		p.end("stopped")
	}
	return nil
}

func (p *play) end(state string) {
	p.state = state
	p.in.Network.Ban()
	p.clock.Run(1)
}

// hurry lets the clock run faster while one waits for the end of the outage. One in fifty texts tries a provider that
// is out, and it is chance how soon two in a row arrive.
func (p *play) hurry() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == "playing" {
		p.clock.Run(2 * stages[lifted].speed)
	}
}

// turn begins a chapter. Its caller holds the lock.
func (p *play) turn(chapter, sentence string, args ...any) {
	p.chapters = append(p.chapters, httpapi.DemoChapter{
		Name: chapter, At: p.clock.Now(), Sentence: fmt.Sprintf(sentence, args...),
	})
	if next, ok := stages[chapter]; ok {
		p.clock.Run(next.speed)
	}
}

func (p *play) playing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state == "playing"
}

// step does what is due in the play at this moment.
func (p *play) step(ctx context.Context) error {
	p.stepping.Lock()
	defer p.stepping.Unlock()
	p.mu.Lock()
	playing, now := p.state == "playing", p.clock.Now()
	var chapter httpapi.DemoChapter
	if playing {
		chapter = p.chapters[len(p.chapters)-1]
	}
	p.mu.Unlock()
	if !playing {
		return nil
	}
	if err := p.keepBusy(ctx, stages[chapter.Name].perHour, now); err != nil {
		return err
	}
	if now.Sub(chapter.At) > stages[chapter.Name].longest {
		return p.giveUp(chapter.Name)
	}
	found, err := p.outages(ctx)
	if err != nil {
		return err
	}
	return p.advance(ctx, chapter, now, found)
}

var errNoProgress = errors.New("the outage that the demo plays does not go on")

func (p *play) giveUp(chapter string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end("failed")
	return fmt.Errorf("%w after the chapter %q: check whether a route was switched or a provider overridden by hand",
		errNoProgress, chapter)
}

// keepBusy lets clients change visits, so many an hour of the demo.
func (p *play) keepBusy(ctx context.Context, perHour int, now time.Time) error {
	each := time.Hour / time.Duration(perHour)
	for range maxChanges {
		p.mu.Lock()
		due := now.Sub(p.changed) >= each
		if due {
			p.changed = p.changed.Add(each)
		}
		p.mu.Unlock()
		if !due {
			return nil
		}
		if _, err := p.traffic.change(ctx); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed = now // the machine is too slow for the rest
	return nil
}

// maxChanges bounds the changes of one step.
const maxChanges = 8

// advance begins the next chapter when its time has come.
func (p *play) advance(ctx context.Context, chapter httpapi.DemoChapter, now time.Time, found []outageOf) error {
	since := now.Sub(chapter.At)
	first, any := firstConfirmed(found)
	switch chapter.Name {
	case busy:
		if since >= busyFor && !any {
			p.begin(now)
		}
	case ban, suspected:
		return p.detect(chapter.Name, found)
	case confirmed:
		return p.tell(ctx)
	case told:
		if any && now.Sub(first.DetectedAt) >= bannedFor {
			return p.lift(ctx)
		}
	case lifted:
		if since >= patience {
			p.hurry()
		}
		return p.clear(ctx, found)
	case cleared:
		if since >= readFor {
			return p.approve(ctx, now)
		}
	case approved:
		return p.finish(ctx)
	}
	return nil
}

func (p *play) begin(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.banFrom = now
	p.in.Network.Ban(bans(now)...)
	p.turn(ban, "Networks in the United States and Canada block %s: it accepts texts as before, and they do not arrive. "+
		"Nobody is told.", banned)
}

func (p *play) detect(chapter string, found []outageOf) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range found {
		minutes := one.DetectedAt.Sub(p.banFrom).Minutes()
		switch e := one.Evidence; {
		case one.State == "confirmed":
			p.turn(confirmed, "Confirmed after %.1f minutes: %s is out. %d texts are the evidence, of %d accounts; %d were "+
				"reported as not delivered. From now on texts go by %s.", minutes, one.Cell.Label(), e.Messages, e.Accounts,
				e.Failed, second)
			return nil
		case one.State == "suspected" && chapter == ban:
			p.turn(suspected, "Suspected after %.1f minutes: %s. %d texts are the evidence, %d of them without a receipt.",
				one.SuspectedAt.Sub(p.banFrom).Minutes(), one.Cell.Label(), e.Messages, e.Silent)
			return nil
		}
	}
	return nil
}

func (p *play) tell(ctx context.Context) error {
	figures, err := p.figures(ctx)
	if err != nil || figures.Accounts == 0 {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turn(told, "%s told by email whom to call; %s on the call sheets.", were(figures.Accounts, "account"),
		are(figures.Calls, "appointment"))
	return nil
}

func (p *play) lift(ctx context.Context) error {
	figures, err := p.figures(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.in.Network.Ban()
	p.turn(lifted, "The ban is over, and nobody is told. %s lost %d of %d texts; %s on the call sheets. A few texts go "+
		"by %s to find out whether it works.", banned, figures.Lost, figures.Texts, are(figures.Calls, "appointment"), banned)
	return nil
}

func (p *play) clear(ctx context.Context, found []outageOf) error {
	var last time.Time
	for _, one := range found {
		if one.State != "cleared" {
			return nil
		}
		if one.ClearedAt.After(last) {
			last = one.ClearedAt
		}
	}
	figures, err := p.figures(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.chapters[len(p.chapters)-1].At
	p.turn(cleared, "Cleared %.0f minutes after the ban ended: texts go by %s again, and accounts are told. A refund "+
		"window is proposed for the %d texts that %s accepted.", last.Sub(at).Minutes(), banned, figures.Texts, banned)
	return nil
}

func (p *play) approve(ctx context.Context, now time.Time) error {
	totals, err := approve(ctx, p.in, domain.Interval{Start: p.banStart(), End: now})
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = totals.Refunded
	p.turn(approved, "The refund window is approved: %s credits go back to %d accounts for %d texts.",
		credits(totals.Refunded), totals.Accounts, totals.Messages)
	return nil
}

func (p *play) finish(ctx context.Context) error {
	figures, err := p.figures(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if figures.Refunded < p.expected {
		return nil
	}
	p.turn(refunded, "Refunded: %s credits are back in the accounts, line by line in their ledgers. The clock of the "+
		"demo runs at its usual speed.", credits(figures.Refunded))
	p.end("finished")
	return nil
}

func (p *play) banStart() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.banFrom
}

// Outage returns the play now, or the last one.
func (p *play) Outage(ctx context.Context) (httpapi.DemoOutage, error) {
	figures, err := p.figures(ctx)
	if err != nil {
		return httpapi.DemoOutage{}, err
	}
	found, err := p.outages(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	shown := httpapi.DemoOutage{
		State: p.state, Now: p.clock.Now(), Speed: p.clock.Speed(), Plays: p.plays, Provider: banned,
		Chapters: slices.Clone(p.chapters), Figures: figures,
	}
	if one, ok := firstConfirmed(found); ok {
		shown.Outage = one.ID
	} else if len(found) > 0 {
		shown.Outage = found[0].ID
	}
	if window, err := domain.ParseID[domain.WindowID](windowOf(found)); err == nil {
		shown.Window = window
	}
	return shown, err
}
