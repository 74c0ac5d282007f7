package outagedetect

import "time"

// flight is a message without a final that counts, or one that is not old enough to be learned.
type flight struct {
	id        string
	submitted int64
	chain     [4]int32 // its cells: provider, region, country, network; none where unknown
	account   uint32
	number    uint32
	next      uint8 // index of the next age
	bin       uint8 // of the final
	outcome   outcome
}

type outcome uint8

const (
	open outcome = iota
	delivered
	failed
	excluded // a final that says nothing about the provider or a network
)

// queue holds the messages on their way to one age. All of them wait equally long, so they leave in the order in
// which they came.
type queue struct {
	slots []int32
	head  int
	age   int64
}

func (q *queue) push(slot int32) { q.slots = append(q.slots, slot) }

func (q *queue) empty() bool { return q.head == len(q.slots) }

func (q *queue) peek() int32 { return q.slots[q.head] }

func (q *queue) pop() int32 {
	slot := q.slots[q.head]
	q.head++
	if q.head > 1024 && q.head > len(q.slots)/2 {
		q.slots = q.slots[:copy(q.slots, q.slots[q.head:])]
		q.head = 0
	}
	return slot
}

// binOf returns the interval of the grid that an age is in.
func binOf(age int64) int {
	for k, a := range ages {
		if age < int64(a) {
			return k
		}
	}
	return steps
}

// fromNano returns the time of a clock value, or the zero time for 0.
func fromNano(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.Unix(0, at).UTC()
}

// hash is FNV-1a.
func hash(text string) uint32 {
	h := uint32(2166136261)
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * 16777619
	}
	return h ^ h>>15
}
