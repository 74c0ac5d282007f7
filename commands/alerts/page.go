package alerts

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/alerting"
)

// Page writes an alert as things are when it is sent.
func (a *Alerts) Page(ctx context.Context, state message.State) (messaging.Page, error) {
	if state.Alert.About == "" { // the first alerts are in the log as they were sent
		return messaging.Page{Text: state.Text.Reveal()}, nil
	}
	owner, to, _, err := a.owner(ctx, state.Account)
	if err != nil {
		return messaging.Page{}, err
	}
	letter, err := a.letter(ctx, state, to, owner.Country)
	if err != nil {
		return messaging.Page{}, err
	}
	title := state.Title.Reveal()
	page := messaging.Page{Text: letter.Text(), HTML: messaging.Document(to.Locale, title, body(letter))}
	page.Urgent = state.Alert.About == message.AboutOutage
	return page, nil
}

func (a *Alerts) letter(
	ctx context.Context, state message.State, to alerting.Reader, country string,
) (alerting.Letter, error) {
	about := state.Alert
	switch about.About {
	case message.AboutOutage, message.AboutOutageOver:
		return a.outageLetter(ctx, state, to, country)
	case message.AboutUndelivered:
		return a.digestLetter(ctx, state, to)
	case message.AboutCredits:
		return a.creditsLetter(ctx, state, to)
	case message.AboutAlert:
	}
	return alerting.Letter{Intro: []string{state.Text.Reveal()}}, nil
}

func (a *Alerts) outageLetter(
	ctx context.Context, state message.State, to alerting.Reader, country string,
) (alerting.Letter, error) {
	about := state.Alert
	outages, err := a.Outages.Lost(ctx)
	if err != nil {
		return alerting.Letter{}, err
	}
	at := slices.IndexFunc(outages, func(o alerting.Outage) bool { return o.ID == about.Outage })
	if at < 0 {
		return alerting.Letter{}, fmt.Errorf("outage %s is in no read model", about.Outage)
	}
	one := outages[at]
	calls, err := a.calls(ctx, state, one.ID)
	if err != nil {
		return alerting.Letter{}, err
	}
	if about.About == message.AboutOutageOver {
		return alerting.AboutEnd(to, one, calls), nil
	}
	if one.Country != "" {
		country = one.Country
	}
	switched, err := a.switched(ctx, one.Cell, country)
	return alerting.AboutOutage(to, one, switched, about.Round > 1, calls), err
}

// calls returns the rows of an alert that are still waiting, with their links.
func (a *Alerts) calls(ctx context.Context, state message.State, outage domain.OutageID) ([]alerting.Call, error) {
	calls, err := a.Sheets.Calls(ctx, state.Account, a.Engine.Now())
	if err != nil {
		return nil, err
	}
	calls = alerting.Waiting(alerting.Of(alerting.In(calls, outage), state.Alert.Resource))
	return a.linked(ctx, alerting.Through(calls, state.Alert.Through))
}

// linked returns the rows with the links that mark their clients as contacted.
func (a *Alerts) linked(ctx context.Context, calls []alerting.Call) ([]alerting.Call, error) {
	if a.Links == nil {
		return calls, nil
	}
	for i := range calls {
		link, err := a.Links.Contacted(ctx, calls[i].Message)
		if _, refused := domain.AsRefusal(err); err != nil && !refused {
			return nil, err
		}
		calls[i].Link = link
	}
	return calls, nil
}

// body returns a letter in HTML.
func body(l alerting.Letter) template.HTML {
	html := messaging.Paragraphs(strings.Join(l.Intro, "\n\n"))
	if len(l.Rows) > 0 {
		rows := make([][]any, len(l.Rows))
		for i, row := range l.Rows {
			rows[i] = cells(row)
		}
		html += messaging.Table(l.Columns, rows)
	}
	return html + messaging.Paragraphs(strings.Join(l.Outro, "\n\n"))
}

// cells returns a row with a number to tap, and its link in the last cell.
func cells(row alerting.Row) []any {
	cells := make([]any, len(row.Cells))
	for i, text := range row.Cells {
		cells[i] = text
	}
	if row.Phone > 0 {
		cells[row.Phone] = anchor("tel:"+row.Cells[row.Phone], row.Cells[row.Phone])
	}
	if last := len(cells) - 1; row.Link != "" {
		text := template.HTMLEscapeString(row.Cells[last])
		cells[last] = template.HTML(text+"<br>") + anchor(row.Link, row.Mark) // escaped
	}
	return cells
}

func anchor(url, text string) template.HTML {
	url, text = template.HTMLEscapeString(url), template.HTMLEscapeString(text)
	return template.HTML(`<a href="` + url + `">` + text + `</a>`) // escaped
}
