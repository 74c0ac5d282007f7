package simulation

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// What the record lacks is made here, from the seed: the time of day, names, numbers and addresses. The clinics
// are open from 07:00 to 22:00; visits are planned from 08:00 to 17:00 in booking order.
const (
	clinicOpens, clinicCloses = "07:00", "22:00"
	planFromMin, planToMin    = 8 * 60, 17 * 60
	closesMin                 = 22 * 60
	visitMin                  = 15
)

// clinic is one neighbourhood: one resource, with units enough for its busiest quarter of an hour.
type clinic struct {
	name    string
	units   int
	visits  int
	busiest int // visits on its busiest day
}

// plan gives every visit its time of day, spread over the planned hours in booking order, and later where the
// visit was booked on its own day; it answers the clinics with the units that this takes, by name.
func (r *record) Plan() []clinic {
	type dayOf struct {
		clinic string
		day    time.Time
	}
	days := make(map[dayOf][]*visit)
	for i := range r.visits {
		v := &r.visits[i]
		key := dayOf{v.clinic, v.day}
		days[key] = append(days[key], v)
	}
	clinics := make(map[string]*clinic)
	for key, visits := range days {
		c := clinics[key.clinic]
		if c == nil {
			c = &clinic{name: key.clinic}
			clinics[key.clinic] = c
		}
		c.visits += len(visits)
		c.busiest = max(c.busiest, len(visits))
		c.units = max(c.units, spread(visits))
	}
	result := make([]clinic, 0, len(clinics))
	for _, c := range clinics {
		result = append(result, *c)
	}
	slices.SortFunc(result, func(a, b clinic) int { return cmp.Compare(a.name, b.name) })
	return result
}

// spread places one clinic's day and answers how many visits share its fullest slot.
func spread(visits []*visit) int {
	slots := (planToMin - planFromMin) / visitMin
	taken := make(map[int]int)
	fullest := 0
	for i, v := range visits {
		minute := planFromMin + i*slots/len(visits)*visitMin
		if sinceMidnight := int(v.booked.Sub(v.day) / time.Minute); sinceMidnight >= 0 {
			next := (sinceMidnight/visitMin + 1) * visitMin // the next slot after it was booked
			minute = min(max(minute, next), closesMin-visitMin)
		}
		v.start = v.day.Add(time.Duration(minute) * time.Minute)
		taken[minute]++
		fullest = max(fullest, taken[minute])
	}
	return fullest
}

// person is a made-up client. The numbers start with 90, which no Brazilian mobile number does.
type person struct {
	name, phone, email string
}

var (
	womensNames = strings.Fields("Ana Maria Beatriz Camila Fernanda Helena Isabel Joana Larissa Luiza Marina Rita Sofia")
	mensNames   = strings.Fields("André Bruno Carlos Diego Eduardo Felipe Gabriel João Lucas Mateus Paulo Rafael Tiago")
	lastNames   = strings.Fields("Almeida Barbosa Cardoso Costa Dias Ferreira Gomes Lima Melo Nunes Pereira Ramos Rocha " +
		"Santos Silva Souza Teixeira Vieira")
)

// makePerson is the same for the same seed and patient. Half of them have an email address.
func makePerson(seed uint64, v visit, number int) person {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(v.patient))
	dice := rand.New(rand.NewPCG(seed, hash.Sum64())) //nolint:gosec // made-up people are not secret
	first := mensNames
	if v.female {
		first = womensNames
	}
	p := person{
		name:  first[dice.IntN(len(first))] + " " + lastNames[dice.IntN(len(lastNames))],
		phone: fmt.Sprintf("+552790%07d", number),
	}
	if dice.IntN(2) == 0 {
		p.email = fmt.Sprintf("paciente%d@example.com", number)
	}
	return p
}
