package page

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// State is the page of an account. Without events it is off.
type State struct {
	Settings
	Logo Logo // without content if there is none
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

func (e PageSet) evolve(s State) State {
	s.Settings = e.clone()
	return s
}

func (e PageLogoSet) evolve(s State) State {
	s.Logo = e.Logo
	return s
}

func (PageLogoRemoved) evolve(s State) State {
	s.Logo = Logo{}
	return s
}

func (s Settings) clone() Settings {
	s.Sites, s.Services, s.Questions = slices.Clone(s.Sites), slices.Clone(s.Services), slices.Clone(s.Questions)
	for i, q := range s.Questions {
		s.Questions[i].Choices = slices.Clone(q.Choices)
	}
	return s
}

func (s Settings) equal(other Settings) bool {
	return s.On == other.On && s.Address == other.Address && s.Colour == other.Colour &&
		s.ConfirmEmail == other.ConfirmEmail && s.Approval == other.Approval &&
		s.Greeting == other.Greeting && s.Policy == other.Policy &&
		slices.Equal(s.Sites, other.Sites) && slices.Equal(s.Services, other.Services) &&
		slices.EqualFunc(s.Questions, other.Questions, Question.equal)
}

func (q Question) equal(other Question) bool {
	return q.ID == other.ID && q.Service == other.Service && q.Text == other.Text && q.Kind == other.Kind &&
		q.Required == other.Required && slices.Equal(q.Choices, other.Choices)
}

// Offers reports whether visitors may book a service.
func (s State) Offers(service domain.ServiceID) bool {
	return len(s.Services) == 0 || slices.Contains(s.Services, service)
}

// Asked returns the questions for a service, in order.
func (s State) Asked(service domain.ServiceID) (asked []Question) {
	for _, q := range s.Questions {
		if q.Service.IsZero() || q.Service == service {
			asked = append(asked, q)
		}
	}
	return asked
}
