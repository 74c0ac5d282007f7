package web

// Unformatted writes an octal number in the old way, which only gofumpt minds.
func Unformatted() int {
	//want:gofumpt
	return 0644
}
