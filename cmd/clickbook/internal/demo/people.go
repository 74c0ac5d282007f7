package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// person is somebody made up.
type person struct{ name, phone, email, country string }

var givenNames = []string{
	"Amara", "Bruno", "Clara", "Dev", "Elin", "Farah", "Gus", "Hana", "Ivo", "Joana", "Kofi", "Lena", "Milo", "Nell",
	"Oskar", "Paula", "Quinn", "Rosa", "Samir", "Tessa", "Uma", "Victor", "Wanda", "Xavier", "Yara", "Zora", "Aiko", "Ben",
	"Carmen", "Dylan", "Esme", "Felix", "Greta", "Hugo", "Isla", "Jonas", "Kaya", "Leo", "Maren", "Noor",
}

var familyNames = []string{
	"Abara", "Belltower", "Castellan", "Dunmore", "Eastlake", "Fairholm", "Goldcrest", "Hartwood", "Ibsenova",
	"Juniperson", "Kestrel", "Larkspur", "Mistry-Vale", "Northgate", "Oakhollow", "Pennywhistle", "Quillfeather",
	"Ravenscar", "Saltmarsh", "Thornbury-Lee", "Underhay", "Vantongeren", "Westerdahl", "Yarrow", "Zellweger-Holt",
	"Ashdown", "Birchall", "Coppice", "Dovecote", "Elmsworth", "Fennimore", "Greystoke", "Hollowell", "Inglenook",
	"Jessamine", "Kingsley-Roe", "Lindenhof", "Meadowcroft", "Nightingale", "Orchard",
}

// In North America the numbers 555-0100 to 555-0199 of each area are reserved for fiction.
const fictional = 100

// somePeople returns so many made-up persons, with different numbers of the given areas. A few have no email address.
func somePeople(random *rand.Rand, count int, country string, areas ...string) []person {
	made := make([]person, count)
	for n := range made {
		given, family := givenNames[random.IntN(len(givenNames))], familyNames[random.IntN(len(familyNames))]
		made[n] = person{
			name: given + " " + family, country: country,
			phone: fmt.Sprintf("+1%s55501%02d", areas[n/fictional], n%fictional),
			email: strings.ToLower(fmt.Sprintf("%s.%s.%d@example.com", given, family, n)),
		}
		if random.IntN(10) == 0 {
			made[n].email = ""
		}
	}
	return made
}
