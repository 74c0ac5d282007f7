package telling

import (
	"fmt"
	"strings"

	"github.com/clickbook/clickbook/projections"
)

// Lines says what the lines of one entry of the ledger mean.
func Lines(entry []projections.Line) string {
	first, sum := entry[0], int64(0)
	for _, line := range entry {
		sum += line.Amount
	}
	amount := Credits(sum)
	switch first.Kind {
	case "purchase":
		return amount + " bought"
	case "grant":
		return amount + " given as a present"
	case "expire":
		return amount + " expired"
	case "hold":
		return amount + " set aside until the text is sent" + parts(entry)
	case "release":
		return amount + " set free again: the text costs nothing"
	case "capture":
		return amount + " charged, because a provider accepted the text" + parts(entry)
	case "refund":
		return amount + " refunded" + reasonOf(first) + parts(entry)
	case "reversal":
		return amount + " of a refund taken back" + reasonOf(first)
	}
	return remark(first)
}

// remark says what an entry that moves nothing means.
func remark(line projections.Line) string {
	windows := strings.Join(line.Windows, ", ")
	switch line.Kind {
	case "hold_waived":
		return "Nothing was set aside: the refund window " + windows + " covers the planned time"
	case "hold_refused":
		return "Not sent: there were too few credits"
	case "charge_waived":
		return "Free: the refund window " + windows + " covers the time when it was sent"
	case "absorbed":
		return "Nothing was charged: the text was sent although it had failed or was blocked"
	case "manual_refund":
		return "A person decided to refund it"
	case "non_delivery":
		return "Every receipt says that it did not arrive, so its price is due back"
	case "goodwill":
		return "The refund stays, although its window no longer covers the text"
	case "period_closed":
		return "The month " + line.Reason + " was closed"
	case "low_balance":
		return "The account was warned of low credits"
	}
	return words(line.Kind)
}

// reasonOf says why a refund was made or taken back.
func reasonOf(line projections.Line) string {
	kind, window, _ := strings.Cut(line.Reason, ":")
	switch {
	case kind == "window":
		return " because of the refund window " + window
	case line.Reason == "manual":
		return " because a person decided so"
	case line.Reason == "dlr":
		return " because its receipts say that it did not arrive"
	case line.Reason != "":
		return " because of " + words(line.Reason)
	}
	return ""
}

// parts says which part was paid and which came from lots, if there are several.
func parts(entry []projections.Line) string {
	if len(entry) < 2 {
		return ""
	}
	told := make([]string, len(entry))
	for i, line := range entry {
		told[i] = Credits(line.Amount) + " bought"
		if line.Lot != "" {
			told[i] = fmt.Sprintf("%s of lot %s", Credits(line.Amount), line.Lot)
		}
	}
	return " (" + strings.Join(told, ", ") + ")"
}
