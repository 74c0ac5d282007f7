package live

// Knows reports whether the topics of a type of event are listed.
func Knows(name string) bool {
	_, listed := topics[name]
	return listed
}
