package page

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clickbook/clickbook/domain"
)

// The kinds of questions.
const (
	Short  = "short"  // one line
	Long   = "long"   // several lines
	Choice = "choice" // one of Choices
	YesNo  = "yesno"
)

// The responses to a question of kind YesNo.
const (
	Yes = "yes"
	No  = "no"
)

const (
	maxShort = 200  // characters of a response of one line
	maxLong  = 2000 // and of several
)

func (s *Settings) parseQuestions() error {
	if n := len(s.Questions); n > maxQuestions {
		return refuse("questions", "a page has at most %d questions; it has %d", maxQuestions, n)
	}
	seen := make(map[string]bool)
	asked := make(map[domain.ServiceID]int)
	for i := range s.Questions {
		q, field := &s.Questions[i], fmt.Sprintf("questions.%d", i)
		if err := q.parse(field); err != nil {
			return err
		}
		if seen[q.ID] {
			return refuse(field+".id", "two questions have the id %s; give each its own", q.ID)
		}
		seen[q.ID] = true
		asked[q.Service]++
	}
	always := asked[domain.ServiceID{}]
	for id, n := range asked {
		if !id.IsZero() {
			n += always
		}
		if n > maxAsked {
			return refuse("questions", "one service has %d questions; ask at most %d", n, maxAsked)
		}
	}
	return nil
}

func (q *Question) parse(field string) (err error) {
	if !domain.IsShortName(q.ID) {
		return refuse(field+".id",
			"%.60q cannot be the id of a question; use up to 40 small letters, digits and dashes", q.ID)
	}
	if q.Text, err = domain.ParseText("the question", q.Text, 200); err != nil {
		return err
	}
	switch q.Kind {
	case Short, Long, YesNo:
		if len(q.Choices) > 0 {
			return refuse(field+".choices", "only a question of kind choice has choices; remove them")
		}
		return nil
	case Choice:
	default:
		return refuse(field+".kind", "the kind of a question is short, long, choice or yesno, not %.60q", q.Kind)
	}
	if n := len(q.Choices); n < 2 || n > maxChoices {
		return refuse(field+".choices", "a choice has 2 to %d choices; this one has %d", maxChoices, n)
	}
	for i, choice := range q.Choices {
		if q.Choices[i], err = domain.ParseText("the choice", choice, 100); err != nil {
			return err
		}
		if slices.Contains(q.Choices[:i], q.Choices[i]) {
			return refuse(field+".choices", "%s is listed twice; remove one", q.Choices[i])
		}
	}
	return nil
}

// Response is what a visitor says to one question. It has the question's text, because that may change.
type Response struct {
	ID       string
	Question string
	Text     string // "" if nothing was said; of YesNo it is Yes or No
}

// Responses are refused with these codes, at the field "responses." and the id of the question.
const (
	ResponseMissing = "response_missing"
	ResponseInvalid = "response_invalid"
)

// ParseResponses returns the responses to the questions for a service, in order, without those left empty. Given are
// the responses by id; those to questions that are not asked are ignored, because the page may have changed while the
// visitor typed.
func (s State) ParseResponses(service domain.ServiceID, given map[string]string) (responses []Response, err error) {
	for _, q := range s.Asked(service) {
		text, err := q.respond(given[q.ID])
		if err != nil {
			return nil, err
		}
		if text != "" {
			responses = append(responses, Response{q.ID, q.Text, text})
		}
	}
	return responses, nil
}

// respond returns what is stored for a response.
func (q Question) respond(text string) (string, error) {
	field := "responses." + q.ID
	text = strings.TrimSpace(domain.NFC(strings.ReplaceAll(text, "\r\n", "\n")))
	if text == "" {
		if q.Required {
			return "", domain.Refusef(domain.Invalid, ResponseMissing, "please reply to %q", q.Text).At(field)
		}
		return "", nil
	}
	limit, ok := maxShort, utf8.ValidString(text)
	switch q.Kind {
	case Short:
		ok = ok && !strings.Contains(text, "\n")
	case Long:
		limit = maxLong
	case Choice:
		ok = slices.Contains(q.Choices, text)
	case YesNo:
		ok = text == Yes || text == No
	}
	if n := utf8.RuneCountInString(text); n > limit {
		return "", domain.Refusef(domain.Invalid, ResponseInvalid,
			"the reply to %q has %d characters; write at most %d", q.Text, n, limit).At(field)
	}
	if ok && q.Kind == Short || q.Kind == Long {
		for line := range strings.SplitSeq(text, "\n") {
			if _, err := domain.ParseText("the reply", line, limit); err != nil && strings.TrimSpace(line) != "" {
				ok = false
			}
		}
	}
	if !ok {
		return "", domain.Refusef(domain.Invalid, ResponseInvalid,
			"the reply to %q is not one that the question allows; choose again, or write plain text", q.Text).At(field)
	}
	return text, nil
}
