package resource_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/resource"
)

type example = domaintest.Example[resource.Command, resource.Event]

var (
	id       = domain.DeriveID[domain.ResourceID]("centro")
	account  = domain.DeriveID[domain.AccountID]("clinic")
	service  = domain.DeriveID[domain.ServiceID]("check-up")
	block    = domain.DeriveID[domain.BlockID]("carnival")
	centro   = resource.Profile{Name: domain.Secret("Centro"), Kind: "room", Units: 3}
	bigger   = resource.Profile{Name: domain.Secret("Centro"), Kind: "room", Units: 5}
	added    = resource.ResourceAdded{Resource: id, Account: account, Profile: centro}
	changed  = resource.ResourceChanged{Resource: id, Account: account, Profile: bigger}
	retired  = resource.ResourceRetired{Resource: id}
	carnival = resource.TimeBlock{Interval: domain.Interval{
		Start: time.Date(2016, 2, 8, 3, 0, 0, 0, time.UTC), End: time.Date(2016, 2, 10, 3, 0, 0, 0, time.UTC),
	}}
	blocked   = resource.TimeBlockAdded{Resource: id, Block: block, TimeBlock: carnival}
	unblocked = resource.TimeBlockRemoved{Resource: id, Block: block}
)

func given(events ...resource.Event) []resource.Event { return events }

func TestResource(t *testing.T) {
	var examples []example
	for _, part := range [][]example{profiles(), weeklyHours(), blocks(), namedServices()} {
		examples = append(examples, part...)
	}
	domaintest.Run(t, resource.Decider, examples)
}

func profiles() []example {
	add := func(p resource.Profile) resource.Command {
		return resource.Add{Resource: id, Account: account, Profile: p}
	}
	change := resource.Change{Resource: id, Profile: bigger}
	retire := resource.Retire{Resource: id}
	return []example{
		{Name: "is added", When: add(centro), Then: given(added)},
		{Name: "added again after a change", Given: given(added, changed), When: add(centro)},
		{Name: "added otherwise", Given: given(added), When: add(bigger), Refused: resource.ErrExists},
		{Name: "added after its end", Given: given(added, retired), When: add(centro), Refused: resource.ErrRetired},
		{
			Name: "of no kind", When: add(resource.Profile{Name: centro.Name, Kind: "car", Units: 1}),
			Refused: resource.ErrProfile,
		},
		{Name: "without a name", When: add(resource.Profile{Kind: "room", Units: 1}), Refused: resource.ErrProfile},
		{Name: "without units", When: add(resource.Profile{Name: centro.Name, Kind: "room"}), Refused: resource.ErrProfile},
		{Name: "changes", Given: given(added), When: change, Then: given(changed)},
		{Name: "unknown changes", When: change, Refused: resource.ErrUnknown},
		{Name: "retired changes", Given: given(added, retired), When: change, Refused: resource.ErrRetired},
		{
			Name: "changes to nothing", Given: given(added), When: resource.Change{Resource: id},
			Refused: resource.ErrProfile,
		},
		{Name: "retires", Given: given(added), When: retire, Then: given(retired)},
		{
			Name: "reinstated", Given: given(added, retired), When: resource.Reinstate{Resource: id},
			Then: given(resource.ResourceReinstated{Resource: id}),
		},
		{Name: "reinstated without need", Given: given(added), When: resource.Reinstate{Resource: id}},
		{Name: "unknown reinstated", When: resource.Reinstate{Resource: id}, Refused: resource.ErrUnknown},
		{Name: "unknown retires", When: retire, Refused: resource.ErrUnknown},
	}
}

func weeklyHours() []example {
	week := []resource.Hours{
		{Days: []int{1, 2, 3, 4, 5}, From: "08:00", To: "12:00"},
		{Days: []int{5, 6}, From: "22:00", To: "26:00"},
		{Days: []int{0}, From: "00:00", To: "24:00"},
	}
	set := func(hours ...resource.Hours) resource.Command {
		return resource.SetWeeklyHours{Resource: id, Zone: "America/Sao_Paulo", Hours: hours}
	}
	is := func(hours ...resource.Hours) resource.Event {
		return resource.WeeklyHoursSet{Resource: id, Zone: "America/Sao_Paulo", Hours: hours}
	}
	examples := []example{
		{Name: "hours are set", Given: given(added), When: set(week...), Then: given(is(week...))},
		{Name: "hours are replaced", Given: given(added, is(week...)), When: set(week[2]), Then: given(is(week[2]))},
		{Name: "hours are taken away", Given: given(added, is(week...)), When: set(), Then: given(is())},
		{
			Name: "the same hours in another zone", Given: given(added, is(week[0])),
			When: resource.SetWeeklyHours{Resource: id, Zone: "Europe/Lisbon", Hours: week[:1]},
			Then: given(resource.WeeklyHoursSet{Resource: id, Zone: "Europe/Lisbon", Hours: week[:1]}),
		},
		{Name: "unknown has no hours", When: set(week...), Refused: resource.ErrUnknown},
		{Name: "retired has no hours", Given: given(added, retired), When: set(week...), Refused: resource.ErrRetired},
	}
	for name, hours := range map[string]resource.Hours{
		"end before start":      {Days: []int{1}, From: "22:00", To: "02:00"},
		"end at start":          {Days: []int{1}, From: "08:00", To: "08:00"},
		"start past midnight":   {Days: []int{1}, From: "24:00", To: "26:00"},
		"end past two days":     {Days: []int{1}, From: "08:00", To: "48:01"},
		"sixty minutes":         {Days: []int{1}, From: "08:60", To: "10:00"},
		"a clock without zeros": {Days: []int{1}, From: "8:00", To: "10:00"},
		"letters":               {Days: []int{1}, From: "ab:cd", To: "10:00"},
		"no day":                {From: "08:00", To: "10:00"},
		"an eighth day":         {Days: []int{7}, From: "08:00", To: "10:00"},
		"a day twice":           {Days: []int{1, 1}, From: "08:00", To: "10:00"},
	} {
		examples = append(examples, example{
			Name: "hours with " + name, Given: given(added), When: set(hours), Refused: resource.ErrHours,
		})
	}
	return examples
}

func blocks() []example {
	add := func(b resource.TimeBlock) resource.Command {
		return resource.AddTimeBlock{Resource: id, Block: block, TimeBlock: b}
	}
	remove := resource.RemoveTimeBlock{Resource: id, Block: block}
	extra := resource.TimeBlock{
		Interval: carnival.Interval, Available: true, Replace: true, Services: []domain.ServiceID{service},
	}
	elsewhere := carnival
	elsewhere.Interval.Start = carnival.Interval.Start.In(time.FixedZone("", -3*60*60)).Add(time.Nanosecond)
	backwards := resource.TimeBlock{Interval: domain.Interval{Start: carnival.Interval.End, End: carnival.Interval.Start}}
	endless := carnival
	endless.Interval.End = carnival.Interval.Start.AddDate(6, 0, 0)
	takenAwayInstead := carnival
	takenAwayInstead.Replace = true
	return []example{
		{Name: "a block is added", Given: given(added), When: add(carnival), Then: given(blocked)},
		{Name: "an instant is one in any zone, cut to microseconds", Given: given(added, blocked), When: add(elsewhere)},
		{
			Name: "a block that opens", Given: given(added), When: add(extra),
			Then: given(resource.TimeBlockAdded{Resource: id, Block: block, TimeBlock: extra}),
		},
		{Name: "an id for two blocks", Given: given(added, blocked), When: add(extra), Refused: resource.ErrBlockExists},
		{
			Name: "a removed block does not come back", Given: given(added, blocked, unblocked),
			When: add(carnival), Refused: resource.ErrBlockExists,
		},
		{Name: "ends before it starts", Given: given(added), When: add(backwards), Refused: resource.ErrBlock},
		{Name: "without an interval", Given: given(added), When: add(resource.TimeBlock{}), Refused: resource.ErrBlock},
		{Name: "lasts more than five years", Given: given(added), When: add(endless), Refused: resource.ErrBlock},
		{Name: "replaces by nothing", Given: given(added), When: add(takenAwayInstead), Refused: resource.ErrBlock},
		{Name: "unknown has no blocks", When: add(carnival), Refused: resource.ErrUnknown},
		{Name: "is removed", Given: given(added, blocked), When: remove, Then: given(unblocked)},
		{Name: "never was", Given: given(added), When: remove, Refused: resource.ErrBlockUnknown},
		{Name: "unknown has none to remove", When: remove, Refused: resource.ErrUnknown},
	}
}

func TestNewWeeklyHours(t *testing.T) {
	hours := []resource.Hours{{Days: []int{1}, From: "08:00", To: "26:30"}}
	if _, err := resource.NewWeeklyHours(id, "America/Sao_Paulo", hours); err != nil {
		t.Error(err)
	}
	for _, zone := range []string{"", "Local", "Mars/Olympus"} {
		_, err := resource.NewWeeklyHours(id, zone, hours)
		if refusal, ok := domain.AsRefusal(err); !ok || refusal.Reason != domain.Invalid {
			t.Errorf("zone %q: got error %v", zone, err)
		}
	}
	if from, to, err := hours[0].Minutes(); from != 480 || to != 1590 || err != nil {
		t.Errorf("Minutes = %d, %d, %v", from, to, err)
	}
}

func TestHoursThatEndBeforeTheyStartAreRefused(t *testing.T) {
	_, _, err := resource.Hours{From: "22:00", To: "02:00"}.Minutes()
	want := "the hours end at 02:00, not after they start at 22:00; hours that run past midnight are written " +
		"past 24:00, as in 22:00 to 26:00"
	if err == nil || err.Error() != want {
		t.Errorf("the sentence is %q", err)
	}
}

func TestNewProfile(t *testing.T) {
	if got, err := resource.NewProfile(" Centro ", "room", 3); err != nil || got != centro {
		t.Errorf("NewProfile = %v, %v", got, err)
	}
	if _, err := resource.NewProfile("\n", "room", 3); err == nil {
		t.Error("a resource without a name was made")
	}
}

func TestStaffHaveAgendas(t *testing.T) {
	maria, err := resource.NewProfile("Maria", "staff", 1)
	if err != nil {
		t.Fatal(err)
	}
	agenda := resource.Agenda{At: "07:30", Off: true}
	got, err := maria.WithAgenda("maria@example.com", agenda)
	if err != nil || got.Email.Reveal() != "maria@example.com" || got.Agenda != agenda {
		t.Fatalf("WithAgenda = %+v, %v", got, err)
	}
	domaintest.GoldenForm(t, resource.Types,
		resource.ResourceAdded{Resource: id, Account: domain.DeriveID[domain.AccountID]("clinic"), Profile: got}, "agenda")
	if _, err := maria.WithAgenda("maria", agenda); err == nil {
		t.Error("an address without a host was accepted")
	}
	if _, err := maria.WithAgenda("", resource.Agenda{At: "25:00"}); err == nil {
		t.Error("the hour 25 was accepted")
	}
	if _, err := centro.WithAgenda("centro@example.com", agenda); err == nil {
		t.Error("a room got an agenda")
	}
}

// manyNamed returns 40 blocks that name 500 services each.
func manyNamed() []resource.Event {
	events := given(added)
	for i := range 40 {
		events = append(events, resource.TimeBlockAdded{
			Resource: id, Block: domain.DeriveID[domain.BlockID](fmt.Sprint(i)), TimeBlock: resource.TimeBlock{
				Interval: carnival.Interval, Services: slices.Repeat([]domain.ServiceID{service}, 500),
			},
		})
	}
	return events
}

func namedServices() []example {
	one := carnival
	one.Services = []domain.ServiceID{service}
	return []example{
		{
			Name: "one more service", Given: manyNamed(), Refused: resource.ErrServicesFull,
			When: resource.AddTimeBlock{Resource: id, Block: block, TimeBlock: one},
		},
		{
			Name: "a block for all services", Given: manyNamed(), Then: given(blocked),
			When: resource.AddTimeBlock{Resource: id, Block: block, TimeBlock: carnival},
		},
	}
}
