// Package telling says in plain words what has happened to an appointment, to a message and to its credits. Sentences
// are for people: programs read the type and the fields of an event.
package telling

import (
	"fmt"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// Credits writes an amount of micro-credits: "1 credit", "0.75 credits".
func Credits(micro int64) string {
	sign, rest := "", micro
	if rest < 0 {
		sign, rest = "−", -rest
	}
	text := fmt.Sprintf("%s%d", sign, rest/1_000_000)
	if part := rest % 1_000_000; part != 0 {
		text += "." + strings.TrimRight(fmt.Sprintf("%06d", part), "0")
	}
	if rest == 1_000_000 {
		return text + " credit"
	}
	return text + " credits"
}

// Segments writes a number of segments: "1 segment", "2 segments".
func Segments(n int64) string {
	if n == 1 {
		return "1 segment"
	}
	return fmt.Sprintf("%d segments", n)
}

// when writes the start of a visit on the clock that was promised.
func when(v appointment.Visit) string {
	at, err := time.Parse("2006-01-02T15:04:05", v.Local)
	if err != nil {
		return v.Local
	}
	return at.Format("Mon 2 Jan 2006, 15:04")
}

// with adds the words of a person to a sentence, if there are any.
func with(sentence string, said domain.Private) string {
	if text := said.Reveal(); text != "" {
		return sentence + ": " + text
	}
	return sentence
}

// words writes a code as words: "short_notice" is "short notice".
func words(code string) string { return strings.ReplaceAll(code, "_", " ") }

// silently adds that nobody was told.
func silently(sentence string, silent bool) string {
	if silent {
		return sentence + ". Nobody was told"
	}
	return sentence
}

// reasons says why a booking or a move was given up.
var reasons = map[string]string{
	"slot_taken": "the time was taken", "expired": "it was not finished in time", "withdrawn": "it was withdrawn",
	"overtaken": "another change came first",
}

func because(code string) string {
	if reason, ok := reasons[code]; ok {
		return reason
	}
	return words(code)
}

// Appointment says what an event of an appointment means.
func Appointment(event domain.Event) string {
	switch e := event.(type) {
	case appointment.Requested:
		if e.Approval {
			return "Requested for " + when(e.Visit) + ", for the staff to approve"
		}
		return "Requested for " + when(e.Visit)
	case appointment.Booked:
		if e.Approved {
			return silently("Approved and booked for "+when(e.Visit), e.Silent)
		}
		return silently("Booked for "+when(e.Visit), e.Silent)
	case appointment.Abandoned:
		return "Not booked: " + because(e.Reason)
	case appointment.Declined:
		return silently(with("The staff declined it", e.Reason), e.Silent)
	case appointment.RescheduleRequested:
		return "A move to " + when(e.Visit) + " was requested"
	case appointment.Rescheduled:
		if e.Cause == appointment.ZoneRules {
			return "The law of the time zone changed. The appointment stays at " + when(e.Visit)
		}
		return silently("Moved from "+when(e.Before)+" to "+when(e.Visit), e.Silent)
	case appointment.RescheduleAbandoned:
		return "Not moved: " + because(e.Reason)
	case appointment.Cancelled:
		return silently(with("Cancelled by the "+string(e.By), e.Reason), e.Silent)
	case appointment.Reinstated:
		return silently("The cancellation was taken back: "+when(e.Visit)+" is booked again", e.Silent)
	}
	if told := mark(event); told != "" {
		return told
	}
	return hold(event)
}

func mark(event domain.Event) string {
	switch e := event.(type) {
	case appointment.Confirmed:
		return "The client confirmed that they come"
	case appointment.Arrived:
		return "The client arrived"
	case appointment.Fulfilled:
		return "The appointment took place"
	case appointment.MarkedNoShow:
		return "The client did not come"
	case appointment.MarkCleared:
		return "The mark " + e.Mark + " was taken back"
	case appointment.NoteAdded:
		return with("A note was added", e.Text)
	case appointment.RulesOverridden:
		rules := make([]string, len(e.Rules))
		for i, rule := range e.Rules {
			rules[i] = words(rule)
		}
		return with("Booked against the rules ("+strings.Join(rules, ", ")+")", e.Reason)
	case appointment.AttentionNeeded:
		return "Put on the work list: " + words(e.Reason)
	case appointment.AttentionSettled:
		if e.Resolved {
			return with("Taken off the work list by the staff", e.Note)
		}
		return "Taken off the work list: " + words(e.Reason) + " is over"
	case appointment.LinksRevoked:
		return "The links of the client were revoked"
	}
	return ""
}

func hold(event domain.Event) string {
	switch e := event.(type) {
	case appointment.StartHeld:
		return "A visitor holds " + when(e.Visit) + " while they fill in the form"
	case appointment.HoldExtended:
		return "The visitor got more time"
	case appointment.DetailsGiven:
		return "The visitor gave their details and must confirm their email address"
	case appointment.HoldEnded:
		return "The visitor did not book: " + because(e.Reason)
	}
	return event.EventType()
}
