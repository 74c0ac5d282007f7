package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// sessionLines returns the commands of the README's short session, as a shell reads them.
func sessionLines(t *testing.T) (commands []string) {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, session, _ := strings.Cut(string(text), "## A short session")
	session, _, _ = strings.Cut(session, "\n## ")
	for line := range strings.Lines(session) {
		code, ok := strings.CutPrefix(line, "    ")
		if !ok {
			continue
		}
		if command, first := strings.CutPrefix(code, "$ "); first {
			commands = append(commands, command)
		} else {
			commands[len(commands)-1] += code
		}
	}
	return commands
}

// TestReadmeSession runs the short session of the README against the demo, with the variables that the demo prints.
func TestReadmeSession(t *testing.T) {
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the session of the README needs %s, which is not here", tool)
		}
	}
	s := serving(t, installation.Location{Data: t.TempDir()}, "--demo")
	s.line("set these in another terminal")
	env := os.Environ()
	for range 11 {
		env = append(env, strings.TrimSpace(s.line("=")))
	}
	var replies []string
	commands := sessionLines(t)
	for _, command := range commands {
		run := exec.Command("bash", "-c", command)
		run.Env = env
		reply, err := run.CombinedOutput()
		if err != nil || !json.Valid(reply) {
			t.Fatalf("%s\nends with %v and %s", command, err, reply)
		}
		replies = append(replies, string(reply))
	}
	for i, words := range []string{
		`"name":"Treatment"`, `"local":"`, `"status":"booked"`, `"code":"slot_taken"`, `"bookable":true`,
	} {
		if i >= len(replies) || !strings.Contains(replies[i], words) {
			t.Errorf("the replies lack %s:\n%s", words, strings.Join(replies, "\n"))
		}
	}
	if !strings.Contains(replies[3], "Grace Lee") {
		t.Errorf("the refusal does not say who has the time: %s", replies[3])
	}
	again := exec.Command("bash", "-c", commands[2])
	again.Env = env
	if reply, err := again.CombinedOutput(); err != nil || string(reply) != replies[2] {
		t.Errorf("sent again, the booking returns %v and\n%s\nnot\n%s", err, reply, replies[2])
	}
}
