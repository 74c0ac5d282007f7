package main

// args are the flags that lead a command to a home.
func (h home) args() []string {
	args := []string{"--data", h.data}
	if h.store != "" {
		args = append(args, "--store", h.store)
	}
	if h.views != "" {
		args = append(args, "--views", h.views)
	}
	return args
}
