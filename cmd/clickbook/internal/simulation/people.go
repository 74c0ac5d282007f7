package simulation

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
)

// person is a made-up client. The phone numbers start with 90, which no Brazilian mobile number does.
type person struct {
	name, phone, email string
}

var (
	womensNames = strings.Fields("Ana Maria Beatriz Camila Fernanda Helena Isabel Joana Larissa Luiza Marina Rita Sofia")
	mensNames   = strings.Fields("André Bruno Carlos Diego Eduardo Felipe Gabriel João Lucas Mateus Paulo Rafael Tiago")
	lastNames   = strings.Fields("Almeida Barbosa Cardoso Costa Dias Ferreira Gomes Lima Melo Nunes Pereira Ramos Rocha " +
		"Santos Silva Souza Teixeira Vieira")
)

// makePerson makes up a client. The same seed and patient give the same one. Half of the clients have an email
// address.
func makePerson(seed uint64, v visit, number int) person {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(v.patient))
	random := rand.New(rand.NewPCG(seed, hash.Sum64())) // made-up people are not secret
	first := mensNames
	if v.female {
		first = womensNames
	}
	p := person{
		name:  first[random.IntN(len(first))] + " " + lastNames[random.IntN(len(lastNames))],
		phone: fmt.Sprintf("+552790%07d", number),
	}
	if random.IntN(2) == 0 {
		p.email = fmt.Sprintf("paciente%d@example.com", number)
	}
	return p
}
