// Package outages runs the product's outage detector over message events from a file, so that others can measure it.
package outages

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outagedetect"
)

// maxLine bounds a line in bytes.
const maxLine = 1 << 20

// Options say how time passes.
type Options struct {
	Params outagedetect.Params
	Step   time.Duration // the clock's step between lines; 0: the clock moves from line to line
	Tail   time.Duration // silence after the last line
}

// Evaluate reads message events in time order, one JSON object a line, and writes one JSON line for each signal of
// the detector. A malformed line, or one that is older than the line before it, ends it with a refusal that names the
// line; what was written until then is valid.
func Evaluate(ctx context.Context, in io.Reader, out io.Writer, o Options) error {
	buffered := bufio.NewWriter(out)
	err := evaluate(ctx, in, buffered, o)
	return errors.Join(err, buffered.Flush())
}

func evaluate(ctx context.Context, in io.Reader, out *bufio.Writer, o Options) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	d := outagedetect.New(o.Params)
	number := 0
	var last time.Time // of the line before
	for lines.Scan() {
		number++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if number%1024 == 0 && ctx.Err() != nil {
			return fmt.Errorf("outage eval stopped at line %d: %w", number, ctx.Err())
		}
		fact, err := parse(lines.Bytes())
		if err != nil {
			return domain.Refusef(domain.Invalid, "line_malformed", "line %d: %v", number, err)
		}
		if fact.At.Before(last) {
			return domain.Refusef(domain.Invalid, "lines_out_of_order",
				"line %d: its time %s is before that of the line before it, %s; sort the lines by t",
				number, fact.At.Format(time.RFC3339Nano), last.Format(time.RFC3339Nano))
		}
		if err := pass(out, d, last, fact.At, o.Step); err != nil {
			return err
		}
		last = fact.At
		if err := write(out, d.Observe(fact)); err != nil {
			return err
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return domain.Refusef(domain.Invalid, "line_too_long", "line %d: longer than %d bytes", number+1, maxLine)
	} else if err != nil {
		return fmt.Errorf("line %d: read message events: %w", number+1, err)
	}
	if o.Tail <= 0 || last.IsZero() {
		return nil
	}
	return pass(out, d, last, last.Add(o.Tail), o.Step)
}

// pass moves the clock. The detector weighs silence at exact times, so the step only bounds how late a signal is
// written, never what it says.
func pass(out *bufio.Writer, d *outagedetect.Detector, from, to time.Time, step time.Duration) error {
	const most = 31 * 24 * time.Hour // a longer gap is passed at once
	if step > 0 && !from.IsZero() && to.Sub(from) < most {
		for at := from.Truncate(step).Add(step); at.Before(to); at = at.Add(step) {
			if err := write(out, d.Advance(at)); err != nil {
				return err
			}
		}
	}
	if from.IsZero() {
		return nil
	}
	return write(out, d.Advance(to))
}

// event is one line of the output. A field of the cell is null where the cell is the whole.
type event struct {
	T     string              `json:"t"`
	Event outagedetect.Change `json:"event"`
	Cell  struct {
		Provider string  `json:"provider"`
		Region   *string `json:"region"`
		Country  *string `json:"country"`
		Network  *string `json:"network"`
	} `json:"cell"`
	ChangePoint *string             `json:"change_point"`
	Cause       *outagedetect.Cause `json:"cause"`
	S           float64             `json:"s"`
}

func write(out *bufio.Writer, signals []outagedetect.Signal) error {
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for _, s := range signals {
		e := event{T: s.At.Format(time.RFC3339Nano), Event: s.Kind, S: math.Round(s.S*100) / 100}
		e.Cell.Provider = s.Cell.Provider
		e.Cell.Region, e.Cell.Country, e.Cell.Network = known(s.Cell.Region), known(s.Cell.Country), known(s.Cell.Network)
		if s.Cause != "" {
			e.Cause = &s.Cause
		}
		if !s.ChangePoint.IsZero() {
			e.ChangePoint = known(s.ChangePoint.Format(time.RFC3339Nano))
		}
		if err := lines.Encode(e); err != nil {
			return fmt.Errorf("write a signal: %w", err)
		}
	}
	if len(signals) > 0 {
		if err := out.Flush(); err != nil { // somebody may follow
			return fmt.Errorf("write a signal: %w", err)
		}
	}
	return nil
}

func known(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
