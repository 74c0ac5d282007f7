package domain

import "strings"

// Stream names one stream: its category, a dash, and what tells it from the others of that category.
type Stream string

// StreamOf names the stream of a category and an id: StreamOf("client", id) is "client-6ba7…".
func StreamOf(category, id string) Stream { return Stream(category + "-" + id) }

// Category is the part before the first dash: "appointment" of "appointment-6ba7…".
func (s Stream) Category() string {
	category, _, _ := strings.Cut(string(s), "-")
	return category
}

// Key is the part after the first dash.
func (s Stream) Key() string {
	_, key, _ := strings.Cut(string(s), "-")
	return key
}
