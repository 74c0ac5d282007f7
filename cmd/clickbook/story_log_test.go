package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/domain"
)

// subject is what an event in the log says it is about.
type subject struct {
	Message     string `json:"message"`
	Appointment string `json:"appointment"`
	Class       string `json:"class"`
}

// failedText DIR prints the id of the first text that a provider accepted and that did not arrive. Below it prints
// the types of the events about its appointment, about the text and about its credits, in the order of the log.
func failedText(ts *testscript.TestScript, _ bool, args []string) {
	log, about := readLog(ts, filepath.Join(ts.MkAbs(args[0]), "events.db"))
	var failed subject
	for i, entry := range log {
		if entry.Type == "SmsFailed" && (about[i].Class == "undelivered" || about[i].Class == "expired") {
			failed = about[i]
			break
		}
	}
	for i, entry := range log {
		if entry.Type == "ReminderQueued" && about[i].Message == failed.Message {
			failed.Appointment = about[i].Appointment
		}
	}
	if failed.Appointment == "" {
		ts.Fatalf("%s has no text that was accepted and did not arrive", args[0])
	}
	fmt.Fprintf(ts.Stdout(), "message %s\n", failed.Message)
	for i, entry := range log {
		if about[i].Message == failed.Message || entry.Stream == domain.StreamOf("appointment", failed.Appointment) {
			fmt.Fprintln(ts.Stdout(), entry.Type)
		}
	}
}

// readLog reads the events of a SQLite log as they are stored, and what they are about.
func readLog(ts *testscript.TestScript, path string) (log []domain.Entry, about []subject) {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	ts.Check(err)
	for entry, err := range store.ReadAll(ctx, domain.Position{}, domain.Filter{}) {
		ts.Check(err)
		var one subject
		ts.Check(ignoreTypes(json.Unmarshal(entry.Data, &one)))
		log, about = append(log, entry), append(about, one)
	}
	ts.Check(store.Close())
	return log, about
}

// ignoreTypes drops the error of a member that has another type in some event.
func ignoreTypes(err error) error {
	var other *json.UnmarshalTypeError
	if errors.As(err, &other) {
		return nil
	}
	return err
}
