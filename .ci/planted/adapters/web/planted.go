// Package web may ask for the time, and must close what it opens.
package web

import (
	"log/slog"
	"net/http"
	"time"
)

// Now is allowed: the world is real here.
func Now() time.Time { return time.Now() }

// Leak leaves a connection open.
func Leak() (int, error) {
	//want:bodyclose
	response, err := http.Get("http://localhost/planted")
	if err != nil {
		return 0, err
	}
	return response.StatusCode, nil
}

// Log makes a message that nobody can search for.
func Log(name string) {
	//want:sloglint
	slog.Info("planted " + name)
}
