package messaging

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/noticing"
	"github.com/clickbook/clickbook/domain/policy/reminding"
)

// minute is how long a message waits after another one about the same appointment by the same channel.
const minute = time.Minute

// maxLookBack bounds how many earlier changes of an appointment are looked at.
const maxLookBack = 4

// noticeKinds are the kinds of notices that may come before another message about the same appointment.
var noticeKinds = []string{noticing.Confirmation, noticing.Approval, noticing.Move, noticing.Cancellation}

// turn returns when a notice is to be sent: now, or a minute after the last message to the same person about the
// appointment by the same channel. Of several changes in a minute only the first and the last are told, because a
// notice that is out of date is not sent.
func (n *Notices) turn(
	ctx context.Context, who parties, change noticing.Change, notice noticing.Notice,
) (time.Time, error) {
	turn := n.Engine.Now()
	for _, id := range before(change, notice, who.account.Rules) {
		state, _, err := commands.Load(ctx, n.Engine, message.Decider, message.Stream(id))
		if err != nil {
			return turn, err
		}
		next := state.ScheduledFor
		if !next.After(n.Engine.Now()) { // else it waits too, and this one takes its turn
			next = next.Add(minute)
		}
		if state.Exists() && state.Reason == "" && next.After(turn) {
			turn = next
		}
	}
	return turn, nil
}

// before returns the ids of the messages by the same channel, to the same person, about the appointment as it was
// before a change.
func before(
	change noticing.Change, notice noticing.Notice, rules []account.ReminderRule,
) (ids []domain.MessageID) {
	earlier := change
	for back := 1; back <= min(maxLookBack, change.Sequence); back++ {
		earlier.Sequence = change.Sequence - back
		for _, kind := range noticeKinds {
			ids = append(ids, noticing.MessageID(earlier, kind, notice.Channel, notice.Staff))
		}
		if !notice.Staff.IsZero() {
			continue
		}
		facts := reminding.Facts{Appointment: change.Appointment, Sequence: earlier.Sequence, Client: change.Client}
		for _, rule := range rules {
			ids = append(ids, reminding.MessageID(facts, rule.ID, notice.Channel))
		}
	}
	return ids
}

// justTold reports whether a notice of the visit went by the channel of a reminder less than a minute ago. Then the
// reminder says nothing new.
func (r *Reminders) justTold(
	ctx context.Context, who parties, facts reminding.Facts, which reminding.Reminder,
) (bool, error) {
	if who.account.Notices == (account.Notices{}) {
		return false, nil
	}
	change := noticing.Change{Appointment: facts.Appointment, Sequence: facts.Sequence, Client: facts.Client}
	for _, kind := range noticeKinds {
		id := noticing.MessageID(change, kind, which.Channel, domain.ResourceID{})
		state, _, err := commands.Load(ctx, r.Engine, message.Decider, message.Stream(id))
		if err != nil {
			return false, err
		}
		if state.Exists() && state.Reason == "" && r.Engine.Now().Before(state.ScheduledFor.Add(minute)) {
			return true, nil
		}
	}
	return false, nil
}
