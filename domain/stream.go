package domain

import "strings"

// Stream is the name of a stream: a category, a dash and a key that is unique in the category.
type Stream string

// StreamOf returns the stream of a category and an id: StreamOf("client", id) is "client-6ba7…".
func StreamOf(category, id string) Stream { return Stream(category + "-" + id) }

// Category returns the part before the first dash: "appointment" of "appointment-6ba7…".
func (s Stream) Category() string {
	category, _, _ := strings.Cut(string(s), "-")
	return category
}

// Key returns the part after the first dash.
func (s Stream) Key() string {
	_, key, _ := strings.Cut(string(s), "-")
	return key
}
