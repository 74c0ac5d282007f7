package resource

import (
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
)

const (
	maxUnits    = 10_000
	maxBlocks   = 5000
	maxServices = 500
	maxNamed    = 20_000 // services that all blocks of a resource name
	maxBlock    = 5 * 366 * 24 * time.Hour
)

var kinds = []string{"staff", "room", "equipment"}

// NewProfile parses a profile from text. The kind is staff, room or equipment.
func NewProfile(name, kind string, units int) (Profile, error) {
	name, err := domain.ParseText("the resource's name", name, 200)
	if err != nil {
		return Profile{}, err
	}
	profile := Profile{Name: domain.Secret(name), Kind: kind, Units: units}
	return profile, profile.check()
}

// WithAgenda returns the profile of a member of staff who gets the agenda of their own appointments by email.
func (p Profile) WithAgenda(email string, agenda Agenda) (Profile, error) {
	if email == "" && agenda == (Agenda{}) {
		return p, nil
	}
	if p.Kind != "staff" {
		return p, refuse(ErrProfile, "only staff get an agenda; leave email and agenda out for a %s", p.Kind)
	}
	if agenda.At != "" {
		if _, err := domain.ParseClock(agenda.At); err != nil {
			return p, err
		}
	}
	if email != "" {
		email, err := domain.ParseEmail(email)
		if err != nil {
			return p, err
		}
		p.Email = domain.Secret(email)
	}
	p.Agenda = agenda
	return p, nil
}

func (p Profile) check() error {
	switch {
	case p.Name.IsZero():
		return refuse(ErrProfile, "the resource's name is missing; write one")
	case !slices.Contains(kinds, p.Kind):
		return refuse(ErrProfile, "a resource is staff, room or equipment, not %q", p.Kind)
	case p.Units < 1 || p.Units > maxUnits:
		return refuse(ErrProfile, "units must be from 1 to %d, not %d", maxUnits, p.Units)
	}
	return nil
}

func (b TimeBlock) check() error {
	length := b.Interval.End.Sub(b.Interval.Start)
	switch {
	case length <= 0:
		return refuse(ErrBlock, "the TimeBlock ends at %s, not after it starts at %s; give a later end",
			b.Interval.End.Format(time.RFC3339), b.Interval.Start.Format(time.RFC3339))
	case length > maxBlock:
		return refuse(ErrBlock, "the TimeBlock is longer than five years; retire the resource or set its weekly hours")
	case b.Replace && !b.Available:
		return refuse(ErrBlock, "only an available TimeBlock replaces the weekly hours; leave replace out")
	case len(b.Services) > maxServices:
		return refuse(ErrBlock, "a TimeBlock names at most %d services; leave them out for all", maxServices)
	}
	return nil
}

func (b TimeBlock) equal(other TimeBlock) bool {
	return b.Interval.Start.Equal(other.Interval.Start) && b.Interval.End.Equal(other.Interval.End) &&
		b.Available == other.Available && b.Replace == other.Replace && slices.Equal(b.Services, other.Services)
}

// refuse returns a refusal of a kind with a more specific sentence.
func refuse(kind *domain.Refusal, format string, args ...any) error {
	return domain.Refusef(kind.Reason, kind.Code, format, args...)
}
