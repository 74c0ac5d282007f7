package sms

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

// maxPace is how long a text waits for its turn before it is put off.
const maxPace = 5 * time.Second

// Pace limits how many texts a second are submitted to a provider.
type Pace struct{ limit *rate.Limiter }

// NewPace returns the pace of the setting per_second.
func NewPace(perSecond string) (Pace, error) {
	pace, err := parsePace(perSecond)
	return Pace{rate.NewLimiter(rate.Limit(pace), max(1, int(pace)))}, err
}

// Turn waits until the pace allows another text. It returns a *messaging.NotAccepted if that takes too long, or if ctx
// ends.
func (p Pace) Turn(ctx context.Context) error {
	turn := p.limit.Reserve()
	wait := turn.Delay()
	if wait > maxPace {
		turn.Cancel()
		refused := messaging.Reject(message.FaultThrottle, "own_pace")
		refused.After = wait
		return refused
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		turn.Cancel()
		return NotSent(ctx.Err())
	case <-timer.C:
		return nil
	}
}

// NotSent returns the error of a text that was certainly not sent, and why.
func NotSent(err error) error {
	return errors.Join(&messaging.NotAccepted{Class: message.Transient, Code: CodeNotSent}, err)
}

// CodeNotSent is the code of a text that did not leave this machine.
const CodeNotSent = "not_sent"

func parsePace(value string) (float64, error) {
	pace, err := strconv.ParseFloat(value, 64)
	if err != nil || !(pace > 0 && pace <= 10_000) {
		return 0, fmt.Errorf("invalid per_second %q: write a number from 0.1 to 10000", value)
	}
	return pace, nil
}
